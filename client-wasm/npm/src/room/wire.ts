/** Frames of the chat edge (`docs/spec/chat.md`), as a client of ours writes and reads them. */

/** What a frame is for. */
export const OPERATION = {
  heartbeat: 2, heartbeatReply: 3, send: 4, message: 5, auth: 7, authReply: 8, raw: 9, token: 20, tokenReply: 21,
} as const;

/** `protocol::limits::CHAT_CLIENT_FRAME_BYTES_MAX` and `CHAT_SERVER_FRAME_BYTES_MAX`. */
export const CLIENT_FRAME_BYTES_MAX = 4_112;
export const SERVER_FRAME_BYTES_MAX = 65_536;

const HEADER_BYTES = 16;
const EXTENDED_BYTES = 32;
const CLASS_MAX = 4;
/** Version of every frame of GOIM's, whose dialect we speak. */
const VERSION = 1;

/** Where a message is in its room. */
export interface Extension {
  readonly epoch: number;
  readonly sequence: bigint;
  readonly class: number;
}

export interface Frame {
  readonly version: number;
  readonly operation: number;
  readonly sequence: number;
  readonly extension: Extension | null;
  readonly body: Uint8Array;
}

export type Fault = 'frame_truncated' | 'header_length' | 'frame_too_short' | 'frame_too_long' | 'extension';

/** Bytes that are no frames: a stable word. */
export class WireError extends Error {
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`no frame: ${fault}`);
    this.fault = fault;
  }
}

/** A frame of a client's. */
export function encode(operation: number, sequence: number, body: Uint8Array | string): Uint8Array<ArrayBuffer> {
  const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
  const frame = new Uint8Array(HEADER_BYTES + bytes.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length);
  view.setUint16(4, HEADER_BYTES);
  view.setUint16(6, VERSION);
  view.setUint32(8, operation);
  view.setUint32(12, sequence);
  frame.set(bytes, HEADER_BYTES);
  return frame;
}

/** The frames that lie end to end in a message; throws at what is none, after those before it. */
export function* decode(
  bytes: Uint8Array, { bytesMax = SERVER_FRAME_BYTES_MAX, extended = true } = {},
): Generator<Frame, void, void> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const left = bytes.length - at;
    if (left < HEADER_BYTES) throw new WireError('frame_truncated');
    const [length, header] = [view.getUint32(at), view.getUint16(at + 4)];
    if (header !== HEADER_BYTES && !(extended && header === EXTENDED_BYTES)) throw new WireError('header_length');
    if (length < header) throw new WireError('frame_too_short');
    if (length > bytesMax) throw new WireError('frame_too_long');
    if (left < length) throw new WireError('frame_truncated');
    yield {
      version: view.getUint16(at + 6),
      operation: view.getUint32(at + 8),
      sequence: view.getUint32(at + 12),
      extension: header === EXTENDED_BYTES ? readExtension(view, at + HEADER_BYTES) : null,
      body: bytes.subarray(at + header, at + length),
    };
    at += length;
  }
}

function readExtension(view: DataView, at: number): Extension {
  const [epoch, sequence, last] = [view.getUint32(at), view.getBigUint64(at + 4), view.getUint32(at + 12)];
  const number = last >>> 24;
  if (number > CLASS_MAX || (last & 0xff_ffff) !== 0) throw new WireError('extension');
  return { epoch, sequence, class: number };
}

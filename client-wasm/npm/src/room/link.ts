/**
 * One connection to an edge, from its first byte to its last: who is there, what the room says, whether the other end lives.
 *
 * **Invariant:** after `over` was told, or `end` was called, nothing is told any more, and no timer or socket is left.
 */

import { Lifetime } from '../internal/lifetime.js';
import { CLASSES, count, parsed } from './events.js';
import type { LineClass } from '../danmaku/types.js';
import type { Place } from './order.js';
import { CLIENT_FRAME_BYTES_MAX, type Frame, OPERATION, WireError, decode, encode } from './wire.js';

/** What is told of a connection. */
export interface LinkEvents {
  /** The room's past is in: from here on everything is new. */
  live(): void;
  /** A message of the room; without a place where it is for this viewer alone. */
  message(place: Place | null, rank: LineClass, body: Uint8Array): void;
  online(count: number): void;
  /** What became of something said. */
  answer(sequence: number, body: Record<string, unknown> | null): void;
  over(why: Over): void;
}

/** Why a connection is over. */
export type Over =
  | 'lost'
  /** The token does not count. */
  | 'token'
  /** The edge cannot read what we say. */
  | 'refused'
  /** Shown out before anything was said. */
  | 'banned';

/** What is asked for on coming in. */
export interface Hello {
  readonly room: string;
  readonly token: string | null;
  readonly history: number;
  readonly follows: readonly number[];
  readonly last: Place | null;
}

/** A host that swallows packets would hold an attempt for minutes. */
const CONNECT_MS_MAX = 8_000;
/** Between two heartbeats, each of which also brings the count of those who are here. */
const HEARTBEAT_MS = 30_000;
/** An edge that does not answer a heartbeat in time is gone. */
const REPLY_MS_MAX = 10_000;
/** RFC 6455: the edge shows somebody out. */
const POLICY = 1_008;
/** Codes of an auth reply. */
const ACCEPTED = 0;
const TOKEN_REFUSED = -101;

export class Link {
  readonly #events: LinkEvents;
  readonly #lifetime = new Lifetime();
  readonly #socket: WebSocket;
  #sequence = 0;
  #is: 'opening' | 'welcome' | 'live' | 'over' = 'opening';
  #deadline: number | undefined;

  constructor(address: string, hello: Hello, events: LinkEvents) {
    this.#events = events;
    this.#socket = new WebSocket(address);
    this.#socket.binaryType = 'arraybuffer';
    this.#within(CONNECT_MS_MAX);
    const { room, token, history, follows, last } = hello;
    this.#lifetime.listen(this.#socket, 'open', () => {
      this.#put(OPERATION.auth, JSON.stringify({ room_id: room, ...(token === null ? {} : { token }), shoal: { version: 1, history, follows, ...last } }));
    });
    this.#lifetime.listen(this.#socket, 'message', (event) => { this.#onMessage((event as MessageEvent<unknown>).data); });
    this.#lifetime.listen(this.#socket, 'error', () => { this.#over('lost'); });
    this.#lifetime.listen(this.#socket, 'close', (event) => {
      this.#over(this.#is === 'welcome' && (event as CloseEvent).code === POLICY ? 'banned' : 'lost');
    });
  }

  get isLive(): boolean {
    return this.#is === 'live';
  }

  /** Says something; the number that its answer will have, or `null` where it is too long. */
  say(body: string): number | null {
    return this.#put(OPERATION.send, body);
  }

  /** Shows another token of the same viewer. */
  show(token: string): void {
    if (this.#is === 'welcome' || this.#is === 'live') this.#put(OPERATION.token, token);
  }

  /** Asks the other end whether it lives. */
  probe(): void {
    if (this.#is !== 'live' || this.#deadline !== undefined) return;
    this.#put(OPERATION.heartbeat, '');
    this.#within(REPLY_MS_MAX);
  }

  end(): void {
    this.#is = 'over';
    this.#lifetime.end();
    this.#socket.close();
  }

  #over(why: Over): void {
    if (this.#is === 'over') return;
    this.end();
    this.#events.over(why);
  }

  #within(ms: number): void {
    this.#lifetime.cancel(this.#deadline);
    this.#deadline = this.#lifetime.after(ms, () => { this.#over('lost'); });
  }

  #put(operation: number, body: string): number | null {
    this.#sequence = (this.#sequence + 1) % 0x1_0000_0000;
    const frame = encode(operation, this.#sequence, body);
    if (frame.length > CLIENT_FRAME_BYTES_MAX) return null;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
    return this.#sequence;
  }

  #onMessage(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.#over('lost');
      return;
    }
    try {
      for (const frame of decode(new Uint8Array(data))) {
        if (frame.operation === OPERATION.raw) for (const inner of decode(frame.body)) this.#onFrame(inner);
        else this.#onFrame(frame);
      }
    } catch (error) {
      // An edge that speaks otherwise, or a proxy that answers for it: another connection may be better.
      if (!(error instanceof WireError)) reportError(error);
      this.#over('lost');
    }
  }

  #onFrame({ operation, sequence, extension, body }: Frame): void {
    if (this.#is === 'over') return;
    if (extension !== null) {
      const { epoch, sequence: number } = extension;
      this.#events.message({ epoch, sequence: Number(number) }, CLASSES[extension.class] ?? 'chat', body);
      return;
    }
    switch (operation) {
      case OPERATION.authReply:
        this.#onWelcome(parsed(new TextDecoder().decode(body))?.['code']);
        break;
      case OPERATION.heartbeatReply:
        this.#onHeartbeat(body);
        break;
      case OPERATION.send:
        this.#events.answer(sequence, parsed(new TextDecoder().decode(body)));
        break;
      case OPERATION.message:
        this.#events.message(null, 'own', body);
        break;
      default:
        // Other answers tell nothing, and pushes of other applications are not ours.
    }
  }

  #onWelcome(code: unknown): void {
    if (code !== ACCEPTED) {
      this.#over(code === TOKEN_REFUSED ? 'token' : 'refused');
      return;
    }
    this.#is = 'welcome';
    // What it answers comes behind the room's past: that is how we know that all of it is in.
    this.#put(OPERATION.heartbeat, '');
    this.#within(REPLY_MS_MAX);
    this.#lifetime.every(HEARTBEAT_MS, () => { this.probe(); });
  }

  #onHeartbeat(body: Uint8Array): void {
    this.#lifetime.cancel(this.#deadline);
    this.#deadline = undefined;
    if (this.#is === 'welcome') {
      this.#is = 'live';
      this.#events.live();
    }
    if (body.length >= 4) this.#events.online(count(new DataView(body.buffer, body.byteOffset).getUint32(0)));
  }
}

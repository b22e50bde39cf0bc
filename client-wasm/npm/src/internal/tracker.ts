/** The tracker's socket: binary frames in and out, one connection at a time. */

import { Lifetime } from './lifetime.js';

/** What becomes of the connection. */
export interface TrackerEvents {
  open(): void;
  closed(): void;
  message(bytes: Uint8Array<ArrayBuffer>): void;
}

/** A host that swallows packets would hold an attempt for minutes. */
const CONNECT_MS_MAX = 8_000;
/** `protocol::limits::TRACKER_FRAME_BYTES_MAX`; of a longer frame one byte more is passed on, so that it is refused. */
const FRAME_BYTES_MAX = 65_536;

export class Tracker {
  readonly #urls: readonly string[];
  readonly #events: TrackerEvents;
  #socket: WebSocket | undefined;
  #lifetime = new Lifetime();

  constructor(urls: readonly string[], events: TrackerEvents) {
    this.#urls = urls;
    this.#events = events;
  }

  get size(): number {
    return this.#socket === undefined ? 0 : 1;
  }

  get timers(): number {
    return this.#lifetime.timers;
  }

  get listeners(): number {
    return this.#lifetime.listeners;
  }

  /** Connects to the tracker with this place in the list, in place of the connection before. */
  connect(place: number): void {
    this.end();
    try {
      const socket = new WebSocket(this.#urls[place] ?? '');
      this.#adopt(socket);
    } catch {
      queueMicrotask(() => {
        this.#events.closed();
      });
    }
  }

  /** Sends a frame; one that cannot be sent is dropped: the closing of the socket is told anyway. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  /** Closes the connection and says nothing. */
  end(): void {
    this.#lifetime.end();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #adopt(socket: WebSocket): void {
    const lifetime = (this.#lifetime = new Lifetime());
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    const over = (): void => {
      this.end();
      this.#events.closed();
    };
    const timer = lifetime.after(CONNECT_MS_MAX, over);
    lifetime.listen(socket, 'open', () => {
      lifetime.cancel(timer);
      this.#events.open();
    });
    lifetime.listen(socket, 'close', over);
    lifetime.listen(socket, 'error', over);
    lifetime.listen(socket, 'message', (event) => {
      const { data } = event as MessageEvent<unknown>;
      if (!(data instanceof ArrayBuffer)) return;
      this.#events.message(new Uint8Array(data, 0, Math.min(data.byteLength, FRAME_BYTES_MAX + 1)));
    });
  }
}

/**
 * The tracker's socket, one connection at a time: the engine's binary frames in and out, and beside them, as text, what is
 * the page's own: its token, and the servers for ICE that it is lent (`docs/spec/tracker.md`, "For the page").
 */

import type { Token } from '../public/types.js';
import { Lifetime } from './lifetime.js';
import { isIceServers } from './options.js';
import { fetchToken, renewalMs } from './token.js';

/** What becomes of the connection. */
export interface TrackerEvents {
  open(): void;
  closed(): void;
  message(bytes: Uint8Array<ArrayBuffer>): void;
  /** The operator lends these. */
  ice(servers: readonly RTCIceServer[]): void;
}

/** A host that swallows packets would hold an attempt for minutes. */
const CONNECT_MS_MAX = 8_000;
/** Between two attempts to get a new token. */
const TOKEN_AGAIN_MS = 10_000;
/** `protocol::limits::TRACKER_FRAME_BYTES_MAX`; of a longer frame one byte more is passed on, so that it is refused. */
const FRAME_BYTES_MAX = 65_536;
/** The close code of a tracker whose swarm lives at another node; the reason is that node's address. */
const MISDIRECTED = 4_421;

export class Tracker {
  readonly #urls: readonly string[];
  readonly #events: TrackerEvents;
  #token: Token | undefined;
  #socket: WebSocket | undefined;
  /** Where the tracker sent us; tried once, then the list holds again. */
  #sentTo: string | undefined;
  #lifetime = new Lifetime();

  constructor(urls: readonly string[], token: Token | undefined, events: TrackerEvents) {
    this.#urls = urls;
    this.#token = token;
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
    const lifetime = this.#lifetime;
    const over = (): void => {
      if (lifetime !== this.#lifetime) return;
      this.end();
      this.#events.closed();
    };
    const timer = lifetime.after(CONNECT_MS_MAX, over);
    const to = this.#sentTo ?? this.#urls[place] ?? '';
    this.#sentTo = undefined;
    const open = (token: string | undefined): void => {
      if (lifetime !== this.#lifetime) return;
      const url = new URL(to);
      if (token !== undefined) url.searchParams.set('token', token);
      this.#adopt(new WebSocket(url), timer, over);
      this.#renewLater(token);
    };
    fetchToken(this.#token).then(open).catch(over);
  }

  /** From now on this token is shown, over the connection that is open, too. */
  setToken(token: Token | undefined): void {
    this.#token = token;
    this.#renew();
  }

  /** Sends a frame; one that cannot be sent is dropped: the closing of the socket is told anyway. */
  send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  /** Closes the connection and says nothing. */
  end(): void {
    this.#lifetime.end();
    this.#lifetime = new Lifetime();
    this.#socket?.close();
    this.#socket = undefined;
  }

  #adopt(socket: WebSocket, timer: number, over: () => void): void {
    const lifetime = this.#lifetime;
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    lifetime.listen(socket, 'open', () => {
      lifetime.cancel(timer);
      this.#events.open();
    });
    lifetime.listen(socket, 'close', (event) => {
      const { code, reason } = event as CloseEvent;
      if (code === MISDIRECTED) this.#sentTo = reason;
      over();
    });
    lifetime.listen(socket, 'error', over);
    lifetime.listen(socket, 'message', (event) => {
      const { data } = event as MessageEvent<unknown>;
      if (data instanceof ArrayBuffer) {
        this.#events.message(new Uint8Array(data, 0, Math.min(data.byteLength, FRAME_BYTES_MAX + 1)));
      } else this.#onText(String(data));
    });
  }

  #onText(text: string): void {
    try {
      const { action, ice_servers: servers } = JSON.parse(text) as { action?: unknown; ice_servers?: unknown };
      if (action === 'ice' && isIceServers(servers)) this.#events.ice(servers);
    } catch {
      // Some other tracker's: passed over.
    }
  }

  #renew(): void {
    const lifetime = this.#lifetime;
    fetchToken(this.#token).then((token) => {
      if (lifetime !== this.#lifetime || token === undefined) return;
      if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ action: 'token', token }));
      this.#renewLater(token);
    }).catch(() => {
      if (lifetime === this.#lifetime) lifetime.after(TOKEN_AGAIN_MS, () => { this.#renew(); });
    });
  }

  #renewLater(token: string | undefined): void {
    const ms = typeof this.#token === 'function' && token !== undefined ? renewalMs(token) : undefined;
    if (ms !== undefined) this.#lifetime.after(ms, () => { this.#renew(); });
  }
}

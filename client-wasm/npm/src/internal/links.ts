/** Connections to other viewers: one RTCPeerConnection and one unordered, reliable data channel a link. */

import { Lifetime } from './lifetime.js';

/** What becomes of a link. */
export interface LinkEvents {
  offer(link: number, sdp: string): void;
  answer(link: number, sdp: string): void;
  open(link: number): void;
  closed(link: number): void;
  message(link: number, bytes: Uint8Array<ArrayBuffer>): void;
  buffered(link: number, bytes: number): void;
}

/** How long candidates are gathered: the offer travels once, without trickle, and must not wait for a dead STUN server. */
const ICE_WAIT_MS = 1_500;
/** How often a send buffer is reported while it is not empty. */
const BUFFERED_MS = 50;
/** `protocol::limits::PEER_MESSAGE_BYTES_MAX`; of a longer message one byte more is passed on, so that it is refused as such. */
const MESSAGE_BYTES_MAX = 65_535;
/** A text message becomes this byte, which MessagePack never uses: the engine refuses it. */
const NOT_A_MESSAGE = 0xc1;

interface Link {
  readonly connection: RTCPeerConnection;
  readonly lifetime: Lifetime;
  channel: RTCDataChannel | undefined;
  waiting: number | undefined;
}

export class Links {
  readonly #links = new Map<number, Link>();
  #ice: RTCIceServer[];
  readonly #events: LinkEvents;

  constructor(iceServers: readonly RTCIceServer[], events: LinkEvents) {
    this.#ice = [...iceServers];
    this.#events = events;
  }

  /** For connections made from now on. */
  set iceServers(servers: readonly RTCIceServer[]) {
    this.#ice = [...servers];
  }

  get size(): number {
    return this.#links.size;
  }

  get timers(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.lifetime.timers, 0);
  }

  get listeners(): number {
    return [...this.#links.values()].reduce((sum, link) => sum + link.lifetime.listeners, 0);
  }

  /** Makes a connection and its offer. */
  dial(id: number): void {
    this.#attempt(id, async (link) => {
      this.#adopt(id, link, link.connection.createDataChannel('shoal', { ordered: false }));
      await link.connection.setLocalDescription(await link.connection.createOffer());
      this.#events.offer(id, await gathered(link));
    });
  }

  /** Makes a connection from an offer, and its answer. */
  accept(id: number, sdp: string): void {
    this.#attempt(id, async (link) => {
      link.lifetime.listen(link.connection, 'datachannel', (event) => {
        if (link.channel === undefined) this.#adopt(id, link, (event as RTCDataChannelEvent).channel);
      });
      await link.connection.setRemoteDescription({ type: 'offer', sdp });
      await link.connection.setLocalDescription(await link.connection.createAnswer());
      this.#events.answer(id, await gathered(link));
    });
  }

  /** The other side's answer to the offer. */
  answered(id: number, sdp: string): void {
    const link = this.#links.get(id);
    if (link === undefined) return;
    link.connection.setRemoteDescription({ type: 'answer', sdp }).catch(() => {
      this.close(id);
    });
  }

  /** Sends one message; a channel that cannot take it is closed. */
  send(id: number, message: Uint8Array<ArrayBuffer> | ArrayBuffer): void {
    const link = this.#links.get(id);
    if (link?.channel === undefined) return;
    try {
      link.channel.send(message as ArrayBuffer);
      this.#watch(id, link, link.channel);
    } catch {
      this.close(id);
    }
  }

  /** Closes and forgets a link; says so once. */
  close(id: number): void {
    if (this.#forget(id)) this.#events.closed(id);
  }

  /** Closes every link and says nothing. */
  end(): void {
    for (const id of [...this.#links.keys()]) this.#forget(id);
  }

  #attempt(id: number, act: (link: Link) => Promise<void>): void {
    try {
      const connection = new RTCPeerConnection({ iceServers: this.#ice });
      const link: Link = { connection, lifetime: new Lifetime(), channel: undefined, waiting: undefined };
      this.#links.set(id, link);
      link.lifetime.listen(connection, 'connectionstatechange', () => {
        if (connection.connectionState === 'failed' || connection.connectionState === 'closed') this.close(id);
      });
      act(link).catch(() => {
        this.close(id);
      });
    } catch {
      // A page may have no more than 500 connections; the attempt is over before it began.
      queueMicrotask(() => {
        this.#events.closed(id);
      });
    }
  }

  #adopt(id: number, link: Link, channel: RTCDataChannel): void {
    link.channel = channel;
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = 0;
    // A channel that the other side made may be open already when it is announced, and say so again.
    let open = false;
    const opened = (): void => {
      if (!open) this.#events.open(id);
      open = true;
    };
    link.lifetime.listen(channel, 'open', opened);
    link.lifetime.listen(channel, 'close', () => {
      this.close(id);
    });
    link.lifetime.listen(channel, 'message', (event) => {
      this.#events.message(id, bounded((event as MessageEvent<unknown>).data));
    });
    link.lifetime.listen(channel, 'bufferedamountlow', () => {
      link.lifetime.cancel(link.waiting);
      link.waiting = undefined;
      this.#events.buffered(id, 0);
    });
    if (channel.readyState === 'open') opened();
  }

  #watch(id: number, link: Link, channel: RTCDataChannel): void {
    if (link.waiting !== undefined) return;
    link.waiting = link.lifetime.after(BUFFERED_MS, () => {
      link.waiting = undefined;
      if (channel.bufferedAmount === 0 || channel.readyState !== 'open') return;
      this.#events.buffered(id, channel.bufferedAmount);
      this.#watch(id, link, channel);
    });
  }

  #forget(id: number): boolean {
    const link = this.#links.get(id);
    if (link === undefined) return false;
    this.#links.delete(id);
    link.lifetime.end();
    link.channel?.close();
    link.connection.close();
    return true;
  }
}

function bounded(data: unknown): Uint8Array<ArrayBuffer> {
  if (!(data instanceof ArrayBuffer)) return Uint8Array.of(NOT_A_MESSAGE);
  return new Uint8Array(data, 0, Math.min(data.byteLength, MESSAGE_BYTES_MAX + 1));
}

/** The local description with its candidates: all of them, or those found in time. */
async function gathered(link: Link): Promise<string> {
  const { connection, lifetime } = link;
  if (connection.iceGatheringState !== 'complete') {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        stop();
        lifetime.cancel(timer);
        resolve();
      };
      const timer = lifetime.after(ICE_WAIT_MS, done);
      const stop = lifetime.listen(connection, 'icegatheringstatechange', () => {
        if (connection.iceGatheringState === 'complete') done();
      });
    });
  }
  const sdp = connection.localDescription?.sdp;
  if (sdp === undefined) throw new Error('the connection was closed');
  return sdp;
}

/**
 * One running engine and its hands: links, tracker, GETs, hashing, memory. It does what the engine says and reports what
 * happened; it decides nothing.
 */

import { type Engine, type Shell, dataBody } from '../../wasm/client_wasm.js';
import type { BlockView, Offence, PeerView, Resources, SessionEvents } from '../public/types.js';
import { hex } from './bytes.js';
import { Crypto } from './crypto.js';
import type { Descriptor } from './descriptor.js';
import type { Emitter } from './emitter.js';
import { Pump } from './engine.js';
import { Fetcher, type RequestHook } from './fetcher.js';
import { Links } from './links.js';
import type { Meter } from './meter.js';
import { type EngineStats, OFFENCES, decodeBlocks, decodePeers, decodeStats } from './rows.js';
import { Store, join } from './store.js';
import { Tracker } from './tracker.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a swarm needs of its session. */
export interface SwarmConfig {
  readonly descriptor: Descriptor;
  readonly trackers: readonly string[];
  readonly iceServers: readonly RTCIceServer[];
  readonly request: RequestHook | undefined;
  readonly meter: Meter;
  readonly events: Emitter<SessionEvents>;
  /** The engine trapped: it is gone. */
  onTrap(cause: unknown): void;
}

/** The player's wish for a segment. */
export interface Wish {
  readonly rendition: number;
  readonly segment: number;
  /** The whole segment, verified. */
  ready(segment: ArrayBuffer): void;
  /** The engine cannot provide it. */
  giveUp(): void;
}

/** Bytes of a message that tell whether it is data and where its body begins. */
const PREFIX_BYTES = 16;

export class Swarm {
  readonly #config: SwarmConfig;
  readonly #pump: Pump;
  readonly #store = new Store();
  readonly #crypto: Crypto;
  readonly #links: Links;
  readonly #tracker: Tracker;
  readonly #fetcher: Fetcher;
  readonly #wishes = new Map<number, Wish>();
  #want = 0;
  #last: EngineStats = decodeStats(undefined);

  constructor(engine: Engine, config: SwarmConfig) {
    this.#config = config;
    this.#crypto = new Crypto(config.descriptor.keys);
    this.#links = this.#makeLinks();
    this.#tracker = this.#makeTracker();
    this.#fetcher = this.#makeFetcher();
    this.#pump = new Pump(engine, this.#makeShell(), (cause) => {
      config.onTrap(cause);
    });
  }

  playlist(rows: Float64Array, ended: boolean): void {
    this.#pump.post((engine, now) => { engine.playlist(now, rows, ended); });
  }

  playhead(at: number, bufferedUntil: number, playing: boolean): void {
    this.#pump.post((engine, now) => { engine.playhead(now, at, bufferedUntil, playing); });
  }

  rendition(rendition: number): void {
    this.#pump.post((engine, now) => { engine.rendition(now, rendition); });
  }

  conditions(background: boolean, upload: boolean): void {
    this.#pump.post((engine, now) => { engine.conditions(now, background, upload); });
  }

  /** Asks for a segment; returns the function that takes the wish back. */
  want(wish: Wish): () => void {
    const id = ++this.#want;
    this.#wishes.set(id, wish);
    this.#pump.post((engine, now) => { engine.want(now, id, wish.rendition, wish.segment); });
    return () => {
      if (this.#wishes.delete(id)) this.#pump.post((engine, now) => { engine.unwant(now, id); });
    };
  }

  /** Totals; the last ones known while the engine is busy or gone. */
  stats(): EngineStats {
    const row = this.#pump.read((engine) => engine.stats());
    if (row !== undefined) this.#last = decodeStats(row);
    return this.#last;
  }

  peers(): PeerView[] {
    return decodePeers(this.#pump.read((engine) => engine.peers()) ?? new Float64Array());
  }

  blocks(): BlockView[] {
    return decodeBlocks(this.#pump.read((engine) => engine.blocks()) ?? new Float64Array());
  }

  resources(): Resources {
    return {
      connections: this.#links.size,
      sockets: this.#tracker.size,
      fetches: this.#fetcher.size,
      timers: this.#pump.timers + this.#links.timers + this.#tracker.timers,
      listeners: this.#links.listeners + this.#tracker.listeners,
      blocks: this.#store.size,
    };
  }

  /** Ends everything; wishes still open are given up. */
  end(): void {
    this.stats();
    this.#pump.end();
    this.#links.end();
    this.#tracker.end();
    this.#fetcher.end();
    this.#store.clear();
    const wishes = [...this.#wishes.values()];
    this.#wishes.clear();
    for (const wish of wishes) wish.giveUp();
  }

  #makeLinks(): Links {
    return new Links(this.#config.iceServers, {
      offer: (link, sdp) => { this.#pump.post((engine, now) => { engine.offer(now, link, sdp); }); },
      answer: (link, sdp) => { this.#pump.post((engine, now) => { engine.answer(now, link, sdp); }); },
      open: (link) => { this.#pump.post((engine, now) => { engine.linkOpen(now, link); }); },
      closed: (link) => { this.#pump.post((engine, now) => { engine.linkClosed(now, link); }); },
      buffered: (link, bytes) => { this.#pump.post((engine, now) => { engine.buffered(now, link, bytes); }); },
      message: (link, bytes) => { this.#onMessage(link, bytes); },
    });
  }

  #makeTracker(): Tracker {
    return new Tracker(this.#config.trackers, {
      open: () => { this.#pump.post((engine, now) => { engine.trackerOpen(now); }); },
      closed: () => { this.#pump.post((engine, now) => { engine.trackerClosed(now); }); },
      message: (bytes) => { this.#pump.post((engine, now) => { engine.trackerMessage(now, bytes); }); },
    });
  }

  #makeFetcher(): Fetcher {
    const { descriptor, meter, request } = this.#config;
    const events = {
      block: (fetch: number, bytes: Bytes) => {
        const handle = this.#store.put(bytes);
        this.#pump.post((engine, now) => { engine.fetched(now, fetch, handle, bytes.byteLength); });
      },
      list: (fetch: number, bytes: Bytes) => {
        this.#pump.post((engine, now) => { engine.fetchedList(now, fetch, bytes); });
      },
      notYet: (fetch: number, retryMs: number) => {
        this.#pump.post((engine, now) => { engine.fetchNotYet(now, fetch, retryMs); });
      },
      absent: (fetch: number) => { this.#pump.post((engine, now) => { engine.fetchAbsent(now, fetch); }); },
      unreachable: (fetch: number) => { this.#pump.post((engine, now) => { engine.fetchUnreachable(now, fetch); }); },
    };
    return new Fetcher(events, meter, descriptor.targetDurationMs, request);
  }

  #onMessage(link: number, bytes: Bytes): void {
    // Of a data message the module sees the header only: the body stays where it is.
    const body = dataBody(bytes.subarray(0, PREFIX_BYTES), bytes.byteLength);
    if (body === 0) {
      this.#pump.post((engine, now) => { engine.message(now, link, bytes); });
      return;
    }
    const handle = this.#store.put(bytes.subarray(body));
    this.#pump.post((engine, now) => {
      engine.data(now, link, bytes.subarray(0, body), handle, bytes.byteLength - body);
    });
  }

  /** What the engine says, as deeds. None of them calls the engine: their outcomes are posted. */
  #makeShell(): Shell {
    const { descriptor } = this.#config;
    return {
      transmit: (link, bytes) => { this.#links.send(link, bytes as Bytes); },
      transmitBlock: (link, header, handle) => {
        const body = this.#store.get(handle);
        if (body !== undefined) this.#links.send(link, join([header, body]));
      },
      dial: (link) => { this.#links.dial(link); },
      accept: (link, sdp) => { this.#links.accept(link, sdp); },
      answered: (link, sdp) => { this.#links.answered(link, sdp); },
      close: (link) => { this.#links.close(link); },
      trackerConnect: (tracker) => { this.#tracker.connect(tracker); },
      trackerSend: (bytes) => { this.#tracker.send(bytes as Bytes); },
      fetch: (fetch, rendition, segment, block) => {
        this.#fetcher.block(fetch, descriptor.blockUrl(rendition, segment, block), descriptor.blockBytes);
      },
      fetchList: (fetch, rendition, segment, blocks) => {
        this.#fetcher.list(fetch, descriptor.hashesUrl(rendition, segment, blocks));
      },
      cancelFetch: (fetch) => { this.#fetcher.cancel(fetch); },
      verify: (handle) => { void this.#verify(handle); },
      verifyList: (check, key, signed, signature) => {
        void this.#verifyList(check, key, signed as Bytes, signature as Bytes);
      },
      release: (handle) => { this.#store.release(handle); },
      ready: (want, handles) => { this.#onReady(want, handles); },
      giveUp: (want) => { this.#take(want)?.giveUp(); },
      ...this.#makeReports(),
    };
  }

  #makeReports(): Pick<
    Shell, 'peerJoined' | 'peerLeft' | 'peerBanned' | 'blockArrived' | 'originBad' | 'trackerRefused'
  > {
    // Listeners are the page's: they run when the engine is done, so that they may call the session.
    const tell = <Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]): void => {
      queueMicrotask(() => { this.#config.events.emit(name, event); });
    };
    return {
      peerJoined: (link, peer) => { tell('peer-joined', { link, peer: hex(peer) }); },
      peerLeft: (link, peer) => { tell('peer-left', { link, peer: hex(peer) }); },
      peerBanned: (peer, offence) => { tell('peer-banned', { peer: hex(peer), offence: offenceName(offence) }); },
      blockArrived: (rendition, segment, block, from) => {
        tell('block', { rendition, segment, block, from: from === undefined ? null : hex(from) });
      },
      originBad: (rendition, segment, block) => {
        const place = `block ${String(block)} of segment ${String(segment)}, rendition ${String(rendition)}`;
        tell('error', { code: 'origin-bad', message: `the origin sent bytes that its own list refutes: ${place}` });
      },
      trackerRefused: (reason) => { tell('error', { code: 'tracker', message: `the tracker refused: ${reason}` }); },
    };
  }

  async #verify(handle: number): Promise<void> {
    const bytes = this.#store.get(handle);
    if (bytes === undefined) return;
    const digest = await this.#crypto.sha256(bytes).catch(() => new Uint8Array(32));
    this.#pump.post((engine, now) => { engine.verified(now, handle, digest); });
  }

  async #verifyList(check: number, key: number, signed: Bytes, signature: Bytes): Promise<void> {
    const [valid, digest] = await Promise.all([
      this.#crypto.verify(key, signed, signature).catch(() => false),
      this.#crypto.sha256(signed).catch(() => new Uint8Array(32)),
    ]);
    this.#pump.post((engine, now) => { engine.listVerified(now, check, valid, digest); });
  }

  #onReady(want: number, handles: Uint32Array): void {
    const wish = this.#take(want);
    const segment = this.#store.concat(handles);
    if (segment === undefined) wish?.giveUp();
    else wish?.ready(segment);
  }

  #take(want: number): Wish | undefined {
    const wish = this.#wishes.get(want);
    this.#wishes.delete(want);
    return wish;
  }
}

function offenceName(offence: number): Offence {
  return OFFENCES[offence] ?? 'bad-message';
}

/**
 * One running engine and its hands: links, tracker, GETs, hashing, memory. It does what the engine says and reports what
 * happened; it decides nothing.
 */

import type {
  BlockId, BlockView, PeerView, Resources, SessionEvents, TappedEngine, Token,
} from '../public/types.js';
import { hex } from './bytes.js';
import type { Crypto } from './crypto.js';
import type { Descriptor } from './descriptor.js';
import type { Emitter } from './emitter.js';
import { Pump } from './engine.js';
import { Fetcher, type RequestHook } from './fetcher.js';
import { dataBody } from './glue.js';
import { Links } from './links.js';
import type { Meter } from './meter.js';
import { type EngineStats, OFFENCES, decodeBlocks, decodePeers, decodeStats } from './rows.js';
import { Store, join } from './store.js';
import { Tracker } from './tracker.js';
import { In, Out, Report, SIGNATURE_BYTES } from './wire.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** What a swarm needs of its session. */
export interface SwarmConfig {
  readonly descriptor: Descriptor;
  readonly crypto: Crypto;
  readonly trackers: readonly string[];
  readonly iceServers: readonly RTCIceServer[];
  readonly token: Token | undefined;
  readonly request: RequestHook | undefined;
  readonly meter: Meter;
  readonly events: Emitter<SessionEvents>;
  /** The URL of a whole segment, where a playlist lists it. */
  segmentUrl(rendition: number, segment: number): string | undefined;
  /** The engine trapped: it is gone. */
  onTrap(cause: unknown): void;
  /** Something could not be checked here: that says nothing of whoever sent it. */
  onUnchecked(cause: unknown): void;
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

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export class Swarm {
  readonly #config: SwarmConfig;
  readonly #pump: Pump;
  readonly #store = new Store();
  readonly #links: Links;
  readonly #tracker: Tracker;
  readonly #fetcher: Fetcher;
  readonly #wishes = new Map<number, Wish>();
  #want = 0;
  #last: EngineStats = decodeStats(undefined);

  constructor(engine: TappedEngine, config: SwarmConfig) {
    const { descriptor, iceServers, meter, onTrap, request, token, trackers } = config;
    const pump = new Pump(engine, (numbers, bytes) => { this.#act(numbers, bytes); }, onTrap);
    this.#config = config;
    this.#pump = pump;
    this.#links = new Links(iceServers, {
      offer: (link, sdp) => { pump.post(In.Offer, [link], encode(sdp)); },
      answer: (link, sdp) => { pump.post(In.Answer, [link], encode(sdp)); },
      open: (link) => { pump.post(In.LinkOpen, [link]); },
      closed: (link) => { pump.post(In.LinkClosed, [link]); },
      buffered: (link, bytes) => { pump.post(In.Buffered, [link, bytes]); },
      message: (link, bytes) => { this.#onMessage(link, bytes); },
    });
    this.#tracker = new Tracker(trackers, token, {
      open: () => { pump.post(In.TrackerOpen); },
      closed: () => { pump.post(In.TrackerClosed); },
      message: (bytes) => { pump.post(In.TrackerMessage, [], bytes); },
      // The page's own servers win.
      ice: (servers) => { if (iceServers.length === 0) this.#links.iceServers = servers; },
    });
    this.#fetcher = new Fetcher({
      block: (fetch, bytes) => { pump.post(In.Fetched, [fetch, this.#store.put(bytes), bytes.byteLength]); },
      list: (fetch, bytes) => { pump.post(In.FetchedList, [fetch], bytes); },
      notYet: (fetch, retryMs) => { pump.post(In.FetchNotYet, [fetch, retryMs]); },
      absent: (fetch) => { pump.post(In.FetchAbsent, [fetch]); },
      unreachable: (fetch) => { pump.post(In.FetchUnreachable, [fetch]); },
    }, meter, descriptor.blockBytes, request);
  }

  /** Rows of rendition, segment, start (ms of stream time) and duration (ms). */
  playlist(rows: readonly number[], ended: boolean): void {
    this.#pump.post(In.Playlist, [Number(ended), ...rows]);
  }

  playhead(at: number, bufferedUntil: number, playing: boolean): void {
    this.#pump.post(In.Playhead, [at, bufferedUntil, Number(playing)]);
  }

  rendition(rendition: number): void {
    this.#pump.post(In.Rendition, [rendition]);
  }

  setToken(token: Token): void {
    this.#tracker.setToken(token);
  }

  conditions(background: boolean, upload: boolean): void {
    this.#pump.post(In.Conditions, [Number(background), Number(upload)]);
  }

  /** hls.js has loaded so many bytes of the stream by itself: they may be passed on as what the swarm brought may. */
  loaded(bytes: number): void {
    this.#pump.post(In.Loaded, [bytes]);
  }

  /** Asks for a segment; returns the function that takes the wish back. */
  want(wish: Wish): () => void {
    const id = ++this.#want;
    this.#wishes.set(id, wish);
    this.#pump.post(In.Want, [id, wish.rendition, wish.segment]);
    return () => {
      if (this.#wishes.delete(id)) this.#pump.post(In.Unwant, [id]);
    };
  }

  /** Totals; the last ones known when the engine is gone. */
  stats(): EngineStats {
    const row = this.#pump.report(Report.Stats);
    if (row !== undefined) this.#last = decodeStats(row);
    return this.#last;
  }

  peers(): PeerView[] {
    return decodePeers(this.#pump.report(Report.Peers) ?? new Float64Array());
  }

  blocks(): BlockView[] {
    return decodeBlocks(this.#pump.report(Report.Blocks) ?? new Float64Array());
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

  /** Ends everything, with a good-bye to neighbours and tracker; wishes still open are given up. */
  end(): void {
    this.#pump.post(In.Leave);
    this.stats();
    this.#pump.end();
    this.#links.end();
    this.#tracker.end();
    this.#fetcher.end();
    this.#store.clear();
    for (const { giveUp } of this.#wishes.values()) queueMicrotask(giveUp);
    this.#wishes.clear();
  }

  #onMessage(link: number, bytes: Bytes): void {
    // Of a data message the module sees the header only: the body stays where it is.
    const body = dataBody(bytes.subarray(0, PREFIX_BYTES), bytes.byteLength);
    if (body === 0) {
      this.#pump.post(In.Message, [link], bytes);
      return;
    }
    const handle = this.#store.put(bytes.subarray(body));
    this.#pump.post(In.Data, [link, handle, bytes.byteLength - body], bytes.subarray(0, body));
  }

  /** Does what an output says. What comes of it is posted later. */
  #act(numbers: Float64Array, bytes: Bytes): void {
    const [kind, a = 0, b = 0, c = 0, d = 0] = numbers;
    const { descriptor } = this.#config;
    switch (kind as Out) {
      case Out.Transmit: this.#links.send(a, bytes); break;
      case Out.TransmitBlock: {
        const body = this.#store.get(b);
        if (body !== undefined) this.#links.send(a, join([bytes, body]));
        break;
      }
      case Out.Dial: this.#links.dial(a); break;
      case Out.Accept: this.#links.accept(a, decode(bytes)); break;
      case Out.Answered: this.#links.answered(a, decode(bytes)); break;
      case Out.Close: this.#links.close(a); break;
      case Out.TrackerConnect: this.#tracker.connect(a); break;
      case Out.Tracker: this.#tracker.send(bytes); break;
      case Out.Fetch:
        this.#fetcher.block({ fetch: a, block: d, url: descriptor.blockUrl(b, c, d), segment: this.#config.segmentUrl(b, c) });
        break;
      case Out.FetchList: this.#fetcher.list(a, descriptor.hashesUrl(b, c, d)); break;
      case Out.CancelFetch: this.#fetcher.cancel(a); break;
      case Out.Verify: this.#verify(a).catch(this.#config.onUnchecked); break;
      case Out.VerifyList: this.#verifyList(a, b, bytes).catch(this.#config.onUnchecked); break;
      case Out.Release: this.#store.release(a); break;
      case Out.Ready: this.#onReady(a, numbers.subarray(2)); break;
      case Out.GiveUp: this.#take(a)?.giveUp(); break;
      default: this.#report(kind as Out, numbers, bytes);
    }
  }

  #report(kind: Out, [, a = 0, b = 0, c = 0]: Float64Array, bytes: Bytes): void {
    const peer = hex(bytes);
    const block: BlockId = { rendition: a, segment: b, block: c };
    switch (kind) {
      case Out.PeerJoined: this.#tell('peer-joined', { link: a, peer }); break;
      case Out.PeerLeft: this.#tell('peer-left', { link: a, peer }); break;
      case Out.PeerBanned: this.#tell('peer-banned', { peer, offence: OFFENCES[a] ?? 'bad-message' }); break;
      case Out.BlockArrived: this.#tell('block', { ...block, from: peer === '' ? null : peer }); break;
      case Out.OriginBad:
        this.#tell('error', { code: 'origin-bad', message: `the origin refutes its own block ${[a, b, c].join('/')}` });
        break;
      case Out.TrackerRefused: this.#tell('error', { code: 'tracker', message: decode(bytes) }); break;
      default: // A newer module may know more.
    }
  }

  /** Listeners are the page's: they run when the engine is done. */
  #tell<Name extends keyof SessionEvents>(name: Name, event: SessionEvents[Name]): void {
    queueMicrotask(() => { this.#config.events.emit(name, event); });
  }

  async #verify(handle: number): Promise<void> {
    const bytes = this.#store.get(handle);
    if (bytes === undefined) return;
    this.#pump.post(In.Verified, [handle], await this.#config.crypto.sha256(bytes));
  }

  async #verifyList(check: number, key: number, bytes: Bytes): Promise<void> {
    const { crypto } = this.#config;
    const signed = bytes.subarray(0, -SIGNATURE_BYTES);
    const signature = bytes.subarray(-SIGNATURE_BYTES);
    const [valid, digest] = await Promise.all([crypto.verify(key, signed, signature), crypto.sha256(signed)]);
    this.#pump.post(In.ListVerified, [check, Number(valid)], digest);
  }

  #onReady(want: number, handles: Float64Array): void {
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

/**
 * The package's whole public vocabulary: options, events, statistics, and the views of neighbours and blocks.
 *
 * Types only. Times called `…Ms` are milliseconds of `performance.now()`, unless they say stream time; bytes are bytes
 * of block bodies, unless they say otherwise.
 */

/** What a page may choose. Every option has a default; a bad value is warned about and replaced by it. */
export interface Options {
  /** Trade with other viewers. `false` loads none of the engine: the page plays plain HLS. Default `true`. */
  readonly p2p?: boolean;
  /**
   * Send blocks to other viewers. `false` only downloads, and other viewers serve such a viewer last; `'visible'` does so
   * while the tab is in the background. Default `true`.
   */
  readonly upload?: Upload;
  /**
   * Whether the viewer has to agree first. `'required'` plays plain HLS until {@link Session.setConsent} grants it: no
   * connection to a tracker or a viewer is made before. Default `'not-required'`.
   */
  readonly consent?: Consent;
  /**
   * STUN and TURN servers, as `RTCPeerConnection` takes them, in place of those that the tracker lends. Default: the
   * tracker's; where it lends none, viewers of one network find each other.
   */
  readonly iceServers?: readonly RTCIceServer[];
  /** URL of the stream's descriptor, in place of the one that its multivariant playlist names. */
  readonly descriptor?: string;
  /** Tracker URLs (`ws:` or `wss:`, at most 8), in place of the descriptor's. */
  readonly trackers?: readonly string[];
  /**
   * A join token for trackers that ask for one (a JWT), or a function that gets one: called for each connection, and again
   * before the token ends. Default: none.
   */
  readonly token?: Token;
  /** Links to other viewers: dialled up to `aim`, never more than `max`. Default 12 and 16; 6 and 8 on a phone. */
  readonly links?: Links;
  /** Bytes of verified blocks kept for other viewers. Default 64 MB; 32 MB on a phone. */
  readonly cacheBytesMax?: number;
  /**
   * How fast a live picture that is up to 3 s further from live than the player aims at is played until it is there, its
   * pitch kept: 1 (never faster) to 1.5. With P2P or without. Default 1.05.
   */
  readonly catchUpRate?: number;
  /** Milliseconds between two `stats` events. Default 1,000. */
  readonly statsIntervalMs?: number;
  /**
   * Called for each GET of the descriptor, a block or a hash list, and of the playlists and segments that the element
   * loads: headers with a token, credentials. Default: none.
   */
  readonly request?: (url: string) => RequestInit;
  /** Records what the engine sees, for a fault to be found by: a `Recorder` of `@shoal/player/recorder`. Default: none. */
  readonly recorder?: EngineTap;
}

/** The engine as something between it and the page sees it: numbers and bytes. */
export interface TappedEngine {
  input(nowMs: number, kind: number, numbers: ArrayLike<number>, bytes: Uint8Array): void;
  poll(): Float64Array;
  bytes(): Uint8Array<ArrayBuffer>;
  report(which: number): Float64Array;
  free(): void;
}

/** What can stand between an engine and the page. */
export interface EngineTap {
  /** In place of this engine, made at that moment of this configuration: the same, seen through. */
  tap(engine: TappedEngine, nowMs: number, numbers: ArrayLike<number>, bytes: Uint8Array): TappedEngine;
}

/** A join token, or where it comes from. */
export type Token = string | (() => string | Promise<string>);

/** How many links a viewer keeps. */
export interface Links {
  readonly aim: number;
  readonly max: number;
}

/** Whether blocks are sent to other viewers: always, never, or while the tab is looked at. */
export type Upload = boolean | 'visible';

/** The viewer's consent, where the site asks for it. */
export type Consent = 'not-required' | 'required' | 'granted';

/** Who brings the video: the swarm (with the origin behind it), or the origin alone by plain HLS. */
export type Mode =
  /** The descriptor and the module are being loaded; fragments already come by plain HLS if they must. */
  | 'starting'
  /** The engine provides the segments. */
  | 'p2p'
  /** Plain HLS; {@link Stats.plainReason} says why. */
  | 'plain';

/** Why a session plays plain HLS. */
export type PlainReason =
  /** `p2p` is off. */
  | 'p2p-off'
  /** The viewer has not agreed (yet). */
  | 'no-consent'
  /** The browser has no WebRTC data channels. */
  | 'no-webrtc'
  /** The browser has no WebAssembly, or the module could not be loaded (yet). */
  | 'no-wasm'
  /** Blocks cannot be verified here: hashing failed, or what replaces WebCrypto could not be loaded (yet). */
  | 'no-crypto'
  /** The browser has no Media Source Extensions: it plays by its own HLS, and the element has no session. */
  | 'no-mse'
  /** The playlist names no descriptor, and the page gave none. */
  | 'no-descriptor'
  /** The descriptor could not be loaded (yet): it is tried again with back-off. */
  | 'descriptor-unreachable'
  /** The descriptor is not what `docs/spec/descriptor.md` says. */
  | 'descriptor-malformed'
  /** The engine failed; playback goes on without it. */
  | 'engine-failed'
  /** The session is destroyed. */
  | 'destroyed';

/** What the stream does, as a viewer sees it. */
export type PlayState =
  /** Nothing to play yet: no `src`. */
  | 'idle'
  /** Before the first frame. */
  | 'loading'
  /** The picture moves. */
  | 'playing'
  /** The viewer paused. */
  | 'paused'
  /** Playback waits for data. */
  | 'stalled'
  /** The stream has not started: its playlist is absent. Tried again with back-off. */
  | 'absent'
  /** The stream was there and its playlist no longer loads or no longer grows. Tried again with back-off. */
  | 'dropped'
  /** The playlist carries EXT-X-ENDLIST and has been played. */
  | 'ended'
  /** This browser cannot play it at all. */
  | 'unsupported';

/** Totals since the session's start. */
export interface Stats {
  readonly mode: Mode;
  /** Why {@link mode} is `'plain'`; `null` otherwise. */
  readonly plainReason: PlainReason | null;
  /** Verified bytes from the origin, by blocks. */
  readonly originBytes: number;
  /** Verified bytes from other viewers. */
  readonly peerBytes: number;
  /** Verified bytes from the operator's own peers. */
  readonly superPeerBytes: number;
  /** Bytes of media segments that plain HLS loaded beside the engine (start-up, give-ups, plain mode). */
  readonly plainBytes: number;
  /** Bytes sent to other viewers: never more than was downloaded. */
  readonly uploadBytes: number;
  /** Share of the video that other viewers brought, 0 to 1: peer ÷ (origin + peer + super-peer + plain). */
  readonly offload: number;
  /** Upload ÷ download, 0 to 1. */
  readonly uploadRatio: number;
  /** Arrived and not used: duplicates. */
  readonly duplicateBytes: number;
  /** Arrived and not used: after the answer was given up. */
  readonly lateBytes: number;
  /** Arrived and refuted by the signed list. */
  readonly badBytes: number;
  readonly originBlocks: number;
  readonly peerBlocks: number;
  /** Blocks bought from the origin because their deadline was near. */
  readonly deadlineBlocks: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Segments that the engine handed to the player. */
  readonly segmentsReady: number;
  /** Segments that the engine gave up to plain HLS. */
  readonly segmentsGivenUp: number;
  readonly peersBanned: number;
  /** Open links to other viewers. */
  readonly links: number;
  /** Viewers of this stream, as the tracker last said, and no fewer than are linked; 0 while there is no tracker. */
  readonly swarmSize: number;
  /** Seconds behind the live edge of the playlist; `null` before the first picture and after the stream's end. */
  readonly behindLiveSeconds: number | null;
  /** Seconds of media buffered ahead of the picture. */
  readonly bufferSeconds: number;
  /** What the player's ABR is told of the link, in bit/s; 0 while unknown. */
  readonly bandwidthBits: number;
}

/** One neighbour. */
export interface PeerView {
  /** The link's number: one connection, never used twice. */
  readonly link: number;
  /** Its id for this session, 40 hex digits. */
  readonly peer: string;
  /** Verified bytes that it gave. */
  readonly receivedBytes: number;
  /** Bytes that it was sent. */
  readonly sentBytes: number;
  /** Median time from request to last byte; 0 while unknown. */
  readonly blockMs: number;
  /** Open requests to it. */
  readonly requests: number;
  /** It belongs to the operator. */
  readonly superPeer: boolean;
}

/** A block's place in the stream. */
export interface BlockId {
  /** Place in the descriptor's list of renditions. */
  readonly rendition: number;
  /** Media sequence number. */
  readonly segment: number;
  /** Place in the segment. */
  readonly block: number;
}

/** Where a block stands. */
export type BlockStatus = 'missing' | 'from-peer' | 'from-origin' | 'checking' | 'have-peer' | 'have-origin';

/** Why a block is, or was, fetched from where it is; or why it waits. {@link explain} turns it into a sentence. */
export type BlockReason =
  | 'unseen'
  | 'neighbour-holds'
  | 'holders-busy'
  | 'promised'
  | 'die-lowest'
  | 'die-round'
  | 'die-waiting'
  | 'early-buy'
  | 'deadline'
  | 'start-up'
  | 'alone'
  | 'links-at-fault'
  | 'ahead';

/** One block of the window. */
export interface BlockView extends BlockId {
  /** Its bytes; 0 while unknown. */
  readonly bytes: number;
  readonly status: BlockStatus;
  /** Neighbours that hold it. */
  readonly supply: number;
  /** Neighbours that lack it, and this viewer while it does. */
  readonly demand: number;
  readonly reason: BlockReason;
  /** The neighbour that it came or is coming from, 40 hex digits; `null` for the origin, or for nobody. */
  readonly from: string | null;
  /** When the engine first knew of it, `performance.now()`. */
  readonly seenMs: number;
  /** When it was verified; `null` while it is not. */
  readonly doneMs: number | null;
}

/** What gets a neighbour cut. */
export type Offence = 'bad-block' | 'bad-list' | 'bad-message' | 'flood' | 'unasked' | 'unreliable';

/** Something that went wrong and that playback survived. */
export interface SessionError {
  /** Stable, for code. */
  readonly code: 'descriptor' | 'engine' | 'tracker' | 'origin-bad' | 'playback' | 'comments';
  /** For a person. */
  readonly message: string;
  readonly cause?: unknown;
}

/** Events of a {@link Session}, by name. The element dispatches each as a `CustomEvent` named `shoal-` + name. */
export interface SessionEvents {
  /** A neighbour said hello. */
  'peer-joined': { readonly link: number; readonly peer: string };
  /** A neighbour left, or its link broke. */
  'peer-left': { readonly link: number; readonly peer: string };
  /** A neighbour was cut for what it did. */
  'peer-banned': { readonly peer: string; readonly offence: Offence };
  /** A verified block came in, from a neighbour or (`null`) from the origin. */
  block: BlockId & { readonly from: string | null };
  /** Every {@link Options.statsIntervalMs}. */
  stats: Stats;
  /** Who brings the video has changed. */
  mode: { readonly mode: Mode; readonly reason: PlainReason | null };
  /** Something went wrong; playback goes on. */
  error: SessionError;
}

/** What a session holds open; all zero after {@link Session.destroy}. For tests and dashboards. */
export interface Resources {
  readonly connections: number;
  readonly sockets: number;
  readonly fetches: number;
  readonly timers: number;
  readonly listeners: number;
  /** Blocks held in memory. */
  readonly blocks: number;
}

/** One stream being played with an hls.js instance. */
export interface Session {
  readonly mode: Mode;
  /** One object with everything that is counted. */
  stats(): Stats;
  /** Neighbours now. */
  peers(): PeerView[];
  /** Blocks of the window, oldest first; empty in plain mode. */
  blocks(): BlockView[];
  /** Names of the descriptor's renditions: `BlockId.rendition` is a place in this list. */
  renditions(): readonly string[];
  /** Listens; returns the function that stops listening. */
  on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => void): () => void;
  /** Grants or withdraws consent; withdrawing closes every connection and goes on by plain HLS. */
  setConsent(consent: Consent): void;
  /** Switches trading; off closes every connection and goes on by plain HLS. */
  setP2p(on: boolean): void;
  /** Another join token, from now on; told over the connection that is open, too. */
  setToken(token: Token): void;
  /** Switches uploading. */
  setUpload(upload: Upload): void;
  /** What is held open. */
  resources(): Resources;
  /** Ends the session: connections, timers, listeners and memory. The hls.js instance goes on by plain HLS. */
  destroy(): void;
}

/**
 * Kinds of the engine's inputs and outputs, and what their numbers and bytes are: `replay/src/kind.rs`
 * documents each; a test holds the lists together.
 */

export const enum In {
  Timeout, Playlist, Playhead, Want, Unwant, Rendition, Conditions, Fetched, FetchedList, FetchNotYet, FetchAbsent,
  FetchUnreachable, Verified, ListVerified, TrackerOpen, TrackerClosed, TrackerMessage, Offer, Answer, LinkOpen,
  LinkClosed, Message, Data, Buffered, Leave, Loaded,
}

export const enum Out {
  Timeout, Transmit, TransmitBlock, Dial, Accept, Answered, Close, TrackerConnect, Tracker, Fetch, FetchList,
  CancelFetch, Verify, VerifyList, Release, Ready, GiveUp, PeerJoined, PeerLeft, PeerBanned, BlockArrived, OriginBad,
  TrackerRefused,
}

/** The engine's reports. */
export const enum Report { Stats, Peers, Blocks }

/** Bytes of an Ed25519 signature, at the end of `Out.VerifyList`. */
export const SIGNATURE_BYTES = 64;

/** What the engine must be told at its start: `client-wasm/src/config.rs`. */
export interface EngineConfig {
  readonly seed: Uint8Array;
  readonly peerId: Uint8Array;
  readonly swarm: Uint8Array;
  readonly stream: string;
  readonly keys: Iterable<number>;
  readonly targetDurationMs: number;
  readonly trackers: number;
  readonly upload: boolean;
  readonly linksAim: number;
  readonly linksMax: number;
  readonly cacheBytesMax: number;
}

/** The numbers of a configuration. */
export function configNumbers(config: EngineConfig): number[] {
  const { targetDurationMs, trackers, upload, linksAim, linksMax, cacheBytesMax, keys } = config;
  return [targetDurationMs, trackers, Number(upload), linksAim, linksMax, cacheBytesMax, ...keys];
}

/** The bytes of a configuration, in parts. */
export function configBytes(config: EngineConfig): Uint8Array[] {
  return [config.seed, config.peerId, config.swarm, new TextEncoder().encode(config.stream)];
}

/** What the stream does, from what the video element and hls.js report: a pure table, and the back-off of retries. */

import type { PlayState } from '../public/types.js';

/** What is known. */
export interface Facts {
  readonly hasSource: boolean;
  readonly supported: boolean;
  /** A frame of this stream has been shown. */
  readonly hasPlayed: boolean;
  /** The playlist could not be had, or the player gave up on it; a retry is under way. */
  readonly broken: boolean;
  /** Reloads of the playlist since it last grew. */
  readonly misses: number;
  /** The playlist carries EXT-X-ENDLIST. */
  readonly endList: boolean;
  readonly paused: boolean;
  /** The video element has played all there is. */
  readonly ended: boolean;
  /** There is a picture to go on with. */
  readonly ready: boolean;
}

/** A playlist grows once a target duration; two reloads without are an encoder that hiccups, three one that is gone. */
const MISSES_MAX = 3;

export function playState(facts: Facts): PlayState {
  if (!facts.hasSource) return 'idle';
  if (!facts.supported) return 'unsupported';
  if (facts.endList && facts.ended) return 'ended';
  if (facts.broken && !(facts.ready && !facts.paused)) return facts.hasPlayed ? 'dropped' : 'absent';
  if (facts.paused) return facts.hasPlayed ? 'paused' : 'loading';
  if (facts.ready) return 'playing';
  if (!facts.hasPlayed) return 'loading';
  return facts.misses >= MISSES_MAX ? 'dropped' : 'stalled';
}

const RETRY_MS = 1_000;
/** A stream that comes back is seen again within seconds; a playlist that is absent costs a server next to nothing. */
const RETRY_MS_MAX = 6_000;

/** Milliseconds before the next try: doubling, and jittered by half, so that viewers do not all come back at once. */
export function retryMs(attempt: number, random: () => number = Math.random): number {
  return Math.min(RETRY_MS * 2 ** attempt, RETRY_MS_MAX) * (0.5 + random() / 2);
}

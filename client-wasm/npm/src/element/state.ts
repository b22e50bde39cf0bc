/** What the stream does, from what the video element and hls.js report: a pure table. */

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

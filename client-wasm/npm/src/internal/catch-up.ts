/**
 * Keeps a picture that counts as live as near to live as the player aims at: after a late first frame or a short pause it
 * plays a little faster, its pitch kept, until it is there.
 *
 * **Invariant:** a rate that somebody else chose is left alone.
 */

import type Hls from 'hls.js';
import { EDGE_SECONDS, bufferSeconds } from './hls.js';

/** So much later than the player aims at may be an error of the estimate: playlists come when they come. */
const TOLERANCE_SECONDS = 0.15;

/** Where a picture is, in seconds. */
export interface Place {
  /** Further behind live than the player aims at. */
  readonly late: number;
  readonly buffer: number;
  readonly segment: number;
  /** It is played faster already. */
  readonly faster: boolean;
}

/** Whether to play faster from here on: never what is scarce, nor where the viewer went back. */
export function shouldHurry({ late, buffer, segment, faster }: Place): boolean {
  return late > (faster ? 0 : TOLERANCE_SECONDS) && late < EDGE_SECONDS && buffer > segment;
}

export class CatchUp {
  readonly #rate: number;
  /** What was last played faster. */
  #media: HTMLMediaElement | undefined;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** To be called now and then. */
  look(hls: Hls): void {
    const { config, latency, latestLevelDetails: details, media, targetLatency } = hls;
    const faster = this.#media?.playbackRate === this.#rate;
    const hurry = details?.live === true && targetLatency !== null
      // With low latency hls.js does the same by itself, where it is told to.
      && !(config.lowLatencyMode && config.maxLiveSyncPlaybackRate > 1)
      && shouldHurry({ late: latency - targetLatency, buffer: bufferSeconds(hls), segment: details.targetduration, faster });
    if (faster) {
      if (!hurry || media !== this.#media) this.end();
    } else if (hurry && media?.playbackRate === 1) {
      this.#media = media;
      media.playbackRate = this.#rate;
    }
  }

  /** Plays as fast as before. */
  end(): void {
    if (this.#media?.playbackRate === this.#rate) this.#media.playbackRate = 1;
    this.#media = undefined;
  }
}

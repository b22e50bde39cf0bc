/**
 * Loading statistics that hls.js's ABR can believe, for a segment that waited in the market.
 *
 * hls.js takes `bytes ÷ (parsed − loading.start − time to first byte)` as a bandwidth sample, and while a fragment loads
 * its abandon rules compare `now − loading.start` with what the buffer still holds. A segment that a viewer waited for so
 * that a neighbour could seed it would look like a slow network, and one that came from the cache at once like a fast one.
 * So both are told what the link to the origin was measured to do: the time that is reported is transfer time, never
 * waiting time. The origin's figure, not the neighbours', is the honest one: it is what the player falls back to.
 */

import type { HlsProgressivePerformanceTiming } from 'hls.js';
import type { Meter } from './meter.js';

/** The timing of a segment that has arrived: as long as the link would have needed for its bytes. */
export function arrivedTiming(
  bytes: number,
  startedMs: number,
  nowMs: number,
  meter: Pick<Meter, 'bytesPerMs' | 'firstByteMs'>,
): HlsProgressivePerformanceTiming {
  const rate = meter.bytesPerMs();
  // Nothing was ever measured: the truth is all there is.
  if (rate === undefined) return { start: startedMs, first: startedMs, end: nowMs };
  const first = nowMs - bytes / rate;
  return { start: first - meter.firstByteMs(), first, end: nowMs };
}

/** The timing of a segment on its way: its clock runs only while bodies from the origin are on their way. */
export class PendingTiming implements HlsProgressivePerformanceTiming {
  end = 0;
  readonly #meter: Meter;
  readonly #busyMs: number;
  readonly #loaded: () => number;

  constructor(meter: Meter, loaded: () => number) {
    this.#meter = meter;
    this.#busyMs = meter.busyMs();
    this.#loaded = loaded;
  }

  get start(): number {
    return performance.now() - this.#meter.firstByteMs() - (this.#meter.busyMs() - this.#busyMs);
  }

  get first(): number {
    return this.#loaded() > 0 ? this.start + this.#meter.firstByteMs() : 0;
  }
}

/** The last two minutes as one sample a second, for the charts. */

/** How far back the charts reach. */
export const HISTORY_SECONDS = 120;

/** How wide they are at first, so that the first minute is not a sliver at the edge. */
const SPAN_SECONDS_MIN = 30;

/**
 * Segments arrive every two seconds or so and would make a comb of the chart: each point is the mean over this long.
 * Twice the usual segment, so that one is always inside.
 */
const SMOOTH_SECONDS = 4;

/** What the page knew at one second. Byte counts are totals since the start. */
export interface Sample {
  readonly peerBytes: number;
  readonly originBytes: number;
  /** Null while nothing plays. */
  readonly behindMs: number | null;
}

/** A point of the stacked chart, in bits a second. */
export interface Rates {
  readonly peer: number;
  readonly origin: number;
}

/** A ring of samples: at most {@link HISTORY_SECONDS} and what smoothing needs before them. */
export class History {
  readonly #samples: Sample[] = [];

  /** Adds this second's sample. */
  push(sample: Sample): void {
    this.#samples.push(sample);
    if (this.#samples.length > HISTORY_SECONDS + SMOOTH_SECONDS) this.#samples.shift();
  }

  /** How many seconds the charts show now. */
  span(): number {
    return Math.min(HISTORY_SECONDS, Math.max(SPAN_SECONDS_MIN, this.#samples.length));
  }

  /** Smoothed rates, oldest first. */
  rates(): Rates[] {
    const rates: Rates[] = [];
    for (let at = 1; at < this.#samples.length; at += 1) {
      const from = Math.max(0, at - SMOOTH_SECONDS);
      const [first, last] = [this.#samples[from], this.#samples[at]];
      if (first === undefined || last === undefined) continue;
      const bitsPerByteSecond = 8 / (at - from);
      rates.push({
        peer: Math.max(0, last.peerBytes - first.peerBytes) * bitsPerByteSecond,
        origin: Math.max(0, last.originBytes - first.originBytes) * bitsPerByteSecond,
      });
    }
    return rates.slice(-HISTORY_SECONDS);
  }

  /** Distances from live, oldest first. */
  distances(): (number | null)[] {
    return this.#samples.slice(-HISTORY_SECONDS).map((sample) => sample.behindMs);
  }
}

/**
 * What the viewer's link to the origin gives, measured on the transfers themselves: never on the time that a segment
 * waited in the market, or that the origin held a GET back because the block did not exist yet.
 *
 * A link that worsens cannot hide behind old figures: blocks then come late from neighbours, their deadlines make GETs to
 * the origin, and those are fresh samples.
 */

/** One body on its way. */
export interface Transfer {
  /** The body is over, with so many bytes; later calls do nothing. */
  end(bytes: number): void;
}

/** After this long a sample counts half: long enough for a dozen segments, short enough to follow a train's tunnel. */
const HALF_LIFE_MS = 15_000;
/** A body that was already there when its headers were read tells nothing of the link: no more than 400 Mbit/s is believed. */
const BYTES_PER_MS_MAX = 50_000;

export class Meter {
  #active = 0;
  #since = 0;
  #busyMs = 0;
  /** Of the current stretch in which at least one body is on its way. */
  #stretchBytes = 0;
  #sumBytes = 0;
  #sumMs = 0;
  #sampled = 0;
  #firstByteMs = Infinity;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Headers have arrived; `started` is when they were asked for. */
  begin(started: number): Transfer {
    const now = this.#now();
    // The least is kept: a longer wait was the origin's, not the link's.
    this.#firstByteMs = Math.min(this.#firstByteMs, now - started);
    if (this.#active === 0) this.#since = now;
    this.#active += 1;
    let open = true;
    return {
      end: (bytes) => {
        if (!open) return;
        open = false;
        this.#end(bytes);
      },
    };
  }

  /** A transfer that somebody else timed. */
  sample(bytes: number, ms: number, firstByteMs: number): void {
    if (bytes <= 0) return;
    this.#firstByteMs = Math.min(this.#firstByteMs, Math.max(0, firstByteMs));
    this.#add(bytes, ms);
  }

  /** Milliseconds so far in which at least one body was on its way. */
  busyMs(): number {
    return this.#busyMs + (this.#active > 0 ? this.#now() - this.#since : 0);
  }

  /** Bytes per millisecond, or `undefined` before the first sample. */
  bytesPerMs(): number | undefined {
    return this.#sumMs > 0 ? this.#sumBytes / this.#sumMs : undefined;
  }

  /** The shortest time to a first byte seen. */
  firstByteMs(): number {
    return Number.isFinite(this.#firstByteMs) ? this.#firstByteMs : 0;
  }

  #end(bytes: number): void {
    this.#stretchBytes += bytes;
    this.#active -= 1;
    if (this.#active > 0) return;
    const ms = this.#now() - this.#since;
    this.#busyMs += ms;
    this.#add(this.#stretchBytes, ms);
    this.#stretchBytes = 0;
  }

  #add(bytes: number, ms: number): void {
    if (bytes <= 0) return;
    const now = this.#now();
    const decay = this.#sumMs > 0 ? 0.5 ** ((now - this.#sampled) / HALF_LIFE_MS) : 0;
    this.#sampled = now;
    this.#sumBytes = this.#sumBytes * decay + bytes;
    this.#sumMs = this.#sumMs * decay + Math.max(ms, bytes / BYTES_PER_MS_MAX);
  }
}

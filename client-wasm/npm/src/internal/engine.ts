/**
 * The engine's pump: inputs go in one by one, each is drained before the next, and the timeout is kept.
 *
 * **Invariant:** no input enters before the outputs of the last one are out: an input that an output causes waits its turn.
 * **Invariant:** a trap ends the pump, once, and is told to its owner; what a deed throws is the page's affair.
 */

import type { TappedEngine } from '../public/types.js';
import { Lifetime } from './lifetime.js';
import { In, Out, type Report } from './wire.js';

/** Acts on an output: its numbers, the kind first, and its bytes. */
export type Deed = (numbers: Float64Array, bytes: Uint8Array<ArrayBuffer>) => void;

/** Timers further away than this are set again when it has passed: `setTimeout` counts in 31 bits. */
const TIMER_MS_MAX = 60_000;
const NONE = new Uint8Array();

export class Pump {
  readonly #lifetime = new Lifetime();
  readonly #queue: [kind: In, numbers: ArrayLike<number>, bytes: Uint8Array][] = [];
  readonly #deed: Deed;
  readonly #onTrap: (cause: unknown) => void;
  #engine: TappedEngine | undefined;
  #running = false;
  #timer: number | undefined;

  constructor(engine: TappedEngine, deed: Deed, onTrap: (cause: unknown) => void) {
    this.#engine = engine;
    this.#deed = deed;
    this.#onTrap = onTrap;
  }

  get timers(): number {
    return this.#lifetime.timers;
  }

  /** Hands in an input: at once, or after the one being drained. */
  post(kind: In, numbers: ArrayLike<number> = [], bytes: Uint8Array = NONE): void {
    if (this.#engine === undefined) return;
    this.#queue.push([kind, numbers, bytes]);
    if (!this.#running) this.#run(this.#engine);
  }

  /** A report; `undefined` when the engine is gone. */
  report(which: Report): Float64Array | undefined {
    try {
      return this.#engine?.report(which);
    } catch (cause) {
      this.#trap(cause);
      return undefined;
    }
  }

  /** Ends it and gives the engine's memory back. */
  end(): void {
    const engine = this.#forget();
    try {
      engine?.free();
    } catch {
      // It trapped: there is nothing left to give back.
    }
  }

  #run(engine: TappedEngine): void {
    this.#running = true;
    let at = Infinity;
    try {
      // An output may end the pump: then the queue is empty and the engine freed.
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        const [kind, numbers, bytes] = input;
        engine.input(performance.now(), kind, numbers, bytes);
        at = this.#drain(engine);
      }
    } catch (cause) {
      this.#trap(cause);
    } finally {
      this.#running = false;
    }
    if (this.#engine !== undefined) this.#schedule(at);
  }

  #drain(engine: TappedEngine): number {
    while (this.#engine !== undefined) {
      const output = engine.poll();
      if (output[0] === Out.Timeout) return output[1] ?? Infinity;
      const bytes = engine.bytes();
      try {
        this.#deed(output, bytes);
      } catch (error) {
        // The page's own loader, or a hook of it: no fault of the engine.
        reportError(error);
      }
    }
    return Infinity;
  }

  #schedule(at: number): void {
    this.#lifetime.cancel(this.#timer);
    this.#timer = undefined;
    if (at === Infinity) return;
    const wait = Math.min(Math.max(0, at - performance.now()), TIMER_MS_MAX);
    this.#timer = this.#lifetime.after(wait, () => { this.post(In.Timeout); });
  }

  /** A trapped engine is not freed: its memory is in no known state. */
  #trap(cause: unknown): void {
    if (this.#forget() !== undefined) this.#onTrap(cause);
  }

  #forget(): TappedEngine | undefined {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#queue.length = 0;
    this.#lifetime.end();
    return engine;
  }
}

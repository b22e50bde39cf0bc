/**
 * The engine's pump: inputs go in one by one, each is drained before the next, and the timeout is kept.
 *
 * **Invariant:** no input enters while outputs are being handed out: an input that an output causes waits its turn.
 * **Invariant:** a trap ends the pump, once, and is told to its owner.
 */

import type { Engine, Shell } from '../../wasm/client_wasm.js';
import { Lifetime } from './lifetime.js';

/** An input: a call of one of the engine's methods. */
export type Input = (engine: Engine, nowMs: number) => void;

/** Timers further away than this are set again when it has passed: `setTimeout` counts in 31 bits. */
const TIMER_MS_MAX = 60_000;

export class Pump {
  readonly #lifetime = new Lifetime();
  readonly #queue: Input[] = [];
  readonly #shell: Shell;
  readonly #onTrap: (cause: unknown) => void;
  #engine: Engine | undefined;
  #running = false;
  #timer: number | undefined;

  constructor(engine: Engine, shell: Shell, onTrap: (cause: unknown) => void) {
    this.#engine = engine;
    this.#shell = shell;
    this.#onTrap = onTrap;
  }

  get timers(): number {
    return this.#lifetime.timers;
  }

  /** Hands in an input: at once, or after the one being drained. */
  post(input: Input): void {
    if (this.#engine === undefined) return;
    this.#queue.push(input);
    if (!this.#running) this.#run();
  }

  /** Reads something from the engine; `undefined` when it is gone. */
  read<T>(act: (engine: Engine) => T): T | undefined {
    if (this.#engine === undefined || this.#running) return undefined;
    try {
      return act(this.#engine);
    } catch (cause) {
      this.#trap(cause);
      return undefined;
    }
  }

  /** Ends it and gives the engine's memory back. */
  end(): void {
    const engine = this.#engine;
    this.#engine = undefined;
    this.#queue.length = 0;
    this.#lifetime.end();
    // An engine that runs is borrowed and cannot be freed under its own feet: #run frees it then.
    if (!this.#running) free(engine);
  }

  #run(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    this.#running = true;
    let at = Infinity;
    try {
      for (let input = this.#queue.shift(); input !== undefined; input = this.#queue.shift()) {
        input(engine, performance.now());
        at = engine.drain(this.#shell);
      }
    } catch (cause) {
      this.#running = false;
      this.#trap(cause);
      return;
    }
    this.#running = false;
    if (this.#engine === undefined) free(engine);
    else this.#schedule(at);
  }

  #schedule(at: number): void {
    this.#lifetime.cancel(this.#timer);
    this.#timer = undefined;
    if (at === Infinity) return;
    const wait = Math.min(Math.max(0, at - performance.now()), TIMER_MS_MAX);
    this.#timer = this.#lifetime.after(wait, () => {
      this.post((engine, now) => {
        engine.timeout(now);
      });
    });
  }

  /** A trapped engine is not freed: its memory is in no known state. */
  #trap(cause: unknown): void {
    if (this.#engine === undefined) return;
    this.#engine = undefined;
    this.#queue.length = 0;
    this.#lifetime.end();
    this.#onTrap(cause);
  }
}

function free(engine: Engine | undefined): void {
  try {
    engine?.free();
  } catch {
    // It trapped before: there is nothing left to give back.
  }
}

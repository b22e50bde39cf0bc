/**
 * Records what a session's engine sees and a hash of what it does, for a fault to be found by: `docs/spec/replay.md`. No
 * address, no name and no token is in it. `cargo run -p sim -- replay FILE` runs it again.
 */

import type { EngineTap, TappedEngine } from '../public/types.js';
import init, { Recorder as Tape } from '../../wasm/recorder/client_wasm.js';

/** `replay::RECORDING_BYTES`: about an hour of a viewer with a dozen neighbours. */
const BYTES = 16 * 1024 * 1024;
/** `replay::RECORDING_BYTES_MAX`. */
const BYTES_MAX = 64 * 1024 * 1024;

/** How much is recorded. */
export interface RecorderOptions {
  /** Bytes of a recording at most; past them it stands still. Default 16 MiB, never more than 64. */
  readonly bytesMax?: number;
}

let loading: Promise<unknown> | undefined;

/** The recording of one session: of its newest engine, from that one's beginning. */
export class Recorder implements EngineTap {
  readonly #bytesMax: number;
  #tape: Tape | undefined;

  private constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Loads what records; rejects where it cannot be had, and then the next call tries again. */
  static async load({ bytesMax = BYTES }: RecorderOptions = {}): Promise<Recorder> {
    loading ??= init({ module_or_path: new URL('./recorder.wasm', import.meta.url) }).catch((cause: unknown) => {
      loading = undefined;
      throw cause;
    });
    await loading;
    return new Recorder(Math.min(bytesMax, BYTES_MAX));
  }

  /** Bytes so far. */
  get size(): number {
    return this.#tape?.size() ?? 0;
  }

  /** Whether the recording has reached its maximum. */
  get full(): boolean {
    return this.#tape?.isFull() ?? false;
  }

  /** The recording up to now, as a file; `undefined` before there was an engine. It goes on. */
  file(): Uint8Array<ArrayBuffer> | undefined {
    return this.#tape?.file() as Uint8Array<ArrayBuffer> | undefined;
  }

  /** Called by the session that this recorder is an option of. */
  tap(engine: TappedEngine, nowMs: number, numbers: ArrayLike<number>, bytes: Uint8Array): TappedEngine {
    this.#tape?.free();
    const tape = Tape.create(nowMs, Float64Array.from(numbers), bytes, this.#bytesMax);
    this.#tape = tape;
    if (tape === undefined) return engine;
    let last = new Uint8Array();
    return {
      input: (at, kind, fields, body) => {
        // A newer engine has a tape of its own.
        if (this.#tape === tape) tape.input(at, kind, Float64Array.from(fields), body);
        engine.input(at, kind, fields, body);
      },
      poll: () => {
        const output = engine.poll();
        last = engine.bytes();
        if (this.#tape === tape) tape.output(output, last);
        return output;
      },
      bytes: () => last,
      report: (which) => engine.report(which),
      free: () => { engine.free(); },
    };
  }
}

/**
 * The module's functions, called by their bare names: numbers and bytes go in and come out, nothing else does. wasm-bindgen's
 * own glue can do more (text, objects, finalizers) and is 1 KB of brotli larger; its types hold this file to the module.
 */

import type { InitOutput } from '../../wasm/client_wasm.js';

type Bytes = Uint8Array<ArrayBuffer>;

let wasm: InitOutput;

/**
 * Compiles while the bytes arrive; servers that do not know `application/wasm` get them compiled afterwards. Never
 * synchronously: Chromium before 115 instantiates no more than 4 KB on the main thread.
 */
export async function instantiate(response: Response): Promise<void> {
  const typed = response.headers.get('content-type') === 'application/wasm';
  const module = await (typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer()));
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    // What is imported prepares for objects, of which there are none, or words a trap that comes anyway.
    (imports[from] ??= {})[name] = () => undefined;
  }
  const instance = await WebAssembly.instantiate(module, imports);
  wasm = instance.exports as unknown as InitOutput;
}

/** The engine of one viewer of one stream; `client-wasm/src/engine.rs` documents it. */
export class Engine {
  readonly #at: number;

  constructor(at: number) {
    this.#at = at;
  }

  static create(nowMs: number, numbers: ArrayLike<number>, bytes: Uint8Array): Engine | undefined {
    const at = wasm.engine_create(nowMs, ...doublesIn(numbers), ...bytesIn(bytes));
    return at === 0 ? undefined : new Engine(at);
  }

  input(nowMs: number, kind: number, numbers: ArrayLike<number>, bytes: Uint8Array): void {
    wasm.engine_input(this.#at, nowMs, kind, ...doublesIn(numbers), ...bytesIn(bytes));
  }

  poll(): Float64Array {
    return doublesOut(wasm.engine_poll(this.#at));
  }

  bytes(): Bytes {
    return bytesOut(wasm.engine_bytes(this.#at), 1);
  }

  report(which: number): Float64Array {
    return doublesOut(wasm.engine_report(this.#at, which));
  }

  free(): void {
    wasm.engine_free(this.#at);
  }
}

/** Where the body of a data message begins; 0 where the message is not data. */
export function dataBody(prefix: Uint8Array, total: number): number {
  return wasm.dataBody(...bytesIn(prefix), total);
}

/** A copy in the module's memory, which the function that is called gives back: where it is, and its length. */
function bytesIn(bytes: Uint8Array, align = 1): [at: number, length: number] {
  const at = wasm.__wbindgen_malloc(bytes.byteLength, align);
  new Uint8Array(wasm.memory.buffer).set(bytes, at);
  return [at, bytes.byteLength];
}

function doublesIn(numbers: ArrayLike<number>): [at: number, length: number] {
  const [at] = bytesIn(new Uint8Array(Float64Array.from(numbers).buffer), 8);
  return [at, numbers.length];
}

/** What the module returned: copied, and its memory given back. */
function bytesOut([at, length]: [number, number], width: number): Bytes {
  const bytes = new Uint8Array(wasm.memory.buffer).slice(at, at + length * width) as Bytes;
  wasm.__wbindgen_free(at, length * width, width);
  return bytes;
}

function doublesOut(found: [number, number]): Float64Array {
  return new Float64Array(bytesOut(found, 8).buffer);
}

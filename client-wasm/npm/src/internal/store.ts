/** The media bytes: the engine names them by handles and decides how long they live. */

/** Handles and their bytes. */
export class Store {
  readonly #bytes = new Map<number, Uint8Array<ArrayBuffer>>();
  #next = 1;

  get size(): number {
    return this.#bytes.size;
  }

  put(bytes: Uint8Array<ArrayBuffer>): number {
    const handle = this.#next;
    this.#next = handle === 0xffff_ffff ? 1 : handle + 1;
    this.#bytes.set(handle, bytes);
    return handle;
  }

  get(handle: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#bytes.get(handle);
  }

  release(handle: number): void {
    this.#bytes.delete(handle);
  }

  /** These handles' bytes, one after the other; `undefined` where one is unknown. */
  concat(handles: Iterable<number>): ArrayBuffer | undefined {
    const parts: Uint8Array[] = [];
    for (const handle of handles) {
      const part = this.#bytes.get(handle);
      if (part === undefined) return undefined;
      parts.push(part);
    }
    return join(parts);
  }

  clear(): void {
    this.#bytes.clear();
  }
}

/** One buffer of all the parts. */
export function join(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole.buffer;
}

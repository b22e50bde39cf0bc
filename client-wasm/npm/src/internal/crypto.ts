/**
 * SHA-256 and Ed25519: by WebCrypto, off the main thread; by a module loaded only then where the page has no
 * `crypto.subtle` (plain http) or the browser no Ed25519.
 */

type Bytes = Uint8Array<ArrayBuffer>;

// Absent on a plain-http page, whatever the type says.
const subtle = crypto.subtle as SubtleCrypto | undefined;

/** Digests and verdicts, as the engine asks for them. */
export class Crypto {
  readonly #keys: ReadonlyMap<number, Bytes>;
  /** Made at once: the first list shall not wait for its key. */
  readonly #imported: ReadonlyMap<number, Promise<CryptoKey> | undefined>;

  constructor(keys: ReadonlyMap<number, Bytes>) {
    this.#keys = keys;
    this.#imported = new Map([...keys].map(([id, raw]) => {
      const imported = subtle?.importKey('raw', raw, 'Ed25519', false, ['verify']);
      imported?.catch(() => undefined); // NotSupportedError: an older browser. It is told to whoever uses the key.
      return [id, imported];
    }));
  }

  async sha256(bytes: Bytes): Promise<Bytes> {
    if (subtle === undefined) return (await fallback()).sha256(bytes);
    return new Uint8Array(await subtle.digest('SHA-256', bytes));
  }

  /** Whether `signature` is the key's over `signed`; an unknown key signs nothing. */
  async verify(key: number, signed: Bytes, signature: Bytes): Promise<boolean> {
    const raw = this.#keys.get(key);
    if (raw === undefined) return false;
    try {
      const imported = await this.#imported.get(key);
      if (imported !== undefined) return await subtle?.verify('Ed25519', imported, signature, signed) ?? false;
    } catch {
      // As above.
    }
    return (await fallback()).verify(signature, signed, raw);
  }
}

function fallback(): Promise<typeof import('./crypto-fallback.js')> {
  return import('./crypto-fallback.js');
}

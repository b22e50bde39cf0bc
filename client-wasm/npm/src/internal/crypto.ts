/**
 * SHA-256 and Ed25519: by WebCrypto, off the main thread; by a module loaded only then where the page has no
 * `crypto.subtle` (plain http) or the browser no Ed25519.
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** Digests and verdicts, as the engine asks for them. */
export class Crypto {
  readonly #keys: ReadonlyMap<number, Bytes>;
  readonly #imported = new Map<number, Promise<CryptoKey>>();

  constructor(keys: ReadonlyMap<number, Bytes>) {
    this.#keys = keys;
  }

  async sha256(bytes: Bytes): Promise<Bytes> {
    // Absent on a plain-http page, whatever the type says.
    const subtle = crypto.subtle as SubtleCrypto | undefined;
    if (subtle === undefined) return (await fallback()).sha256(bytes);
    return new Uint8Array(await subtle.digest('SHA-256', bytes));
  }

  /** Whether `signature` is the key's over `signed`; an unknown key signs nothing. */
  async verify(key: number, signed: Bytes, signature: Bytes): Promise<boolean> {
    const raw = this.#keys.get(key);
    if (raw === undefined) return false;
    const subtle = crypto.subtle as SubtleCrypto | undefined;
    if (subtle !== undefined) {
      try {
        return await subtle.verify('Ed25519', await this.#import(key, raw, subtle), signature, signed);
      } catch {
        // NotSupportedError: an older browser.
      }
    }
    return (await fallback()).verify(signature, signed, raw);
  }

  #import(key: number, raw: Bytes, subtle: SubtleCrypto): Promise<CryptoKey> {
    const known = this.#imported.get(key);
    if (known !== undefined) return known;
    const imported = subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    this.#imported.set(key, imported);
    return imported;
  }
}

function fallback(): Promise<typeof import('./crypto-fallback.js')> {
  return import('./crypto-fallback.js');
}

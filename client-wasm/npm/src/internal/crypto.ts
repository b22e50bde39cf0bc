/**
 * SHA-256 and Ed25519: by WebCrypto, off the main thread; by a module loaded only then where the page has no
 * `crypto.subtle` (plain http) or the browser no Ed25519.
 *
 * **Invariant:** what the two need is there before a swarm starts, so that a viewer who cannot check blames nobody.
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** Digests and verdicts, as the engine asks for them; they reject where there can be none. */
export interface Crypto {
  sha256(bytes: Bytes): Promise<Bytes>;
  /** Whether `signature` is the key's over `signed`; an unknown key signs nothing. */
  verify(key: number, signed: Bytes, signature: Bytes): Promise<boolean>;
}

/** Makes ready to check by these keys; rejects where the browser lacks something and its replacement cannot be had. */
export async function loadCrypto(keys: ReadonlyMap<number, Bytes>): Promise<Crypto> {
  // Absent on a plain-http page, whatever the type says.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  const imported = new Map<number, CryptoKey>();
  try {
    for (const [id, raw] of keys) imported.set(id, await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']));
  } catch {
    const fallback = await import('./crypto-fallback.js');
    return {
      sha256: async (bytes) => (subtle === undefined ? fallback.sha256(bytes) : digest(bytes)),
      verify: async (id, signed, signature) => {
        const key = keys.get(id);
        return key !== undefined && fallback.verify(signature, signed, key);
      },
    };
  }
  return {
    sha256: digest,
    verify: async (id, signed, signature) => {
      const key = imported.get(id);
      return key !== undefined && crypto.subtle.verify('Ed25519', key, signature, signed);
    },
  };
}

async function digest(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}

/** SHA-256 and Ed25519 in JavaScript: a chunk of its own, loaded only where WebCrypto lacks one of them. */

import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as noble } from '@noble/hashes/sha2.js';

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(noble(bytes));
}

/** Strict as WebCrypto is (RFC 8032), and false rather than an error for what is no signature at all. */
export function verify(signature: Uint8Array, signed: Uint8Array, key: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, signed, key, { zip215: false });
  } catch {
    return false;
  }
}

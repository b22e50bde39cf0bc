/** Bytes as text, and back. */

/** Lower-case hex. */
export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The bytes of `text`, or `undefined` where it is not lower-case hex of exactly `length` bytes. */
export function fromHex(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Uint8Array.from({ length }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** The bytes of base64url without padding (RFC 4648 §5), or `undefined` where it is not of exactly `length` bytes. */
export function fromBase64Url(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  try {
    const raw = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
    return raw.length === length ? Uint8Array.from(raw, (char) => char.charCodeAt(0)) : undefined;
  } catch {
    return undefined;
  }
}

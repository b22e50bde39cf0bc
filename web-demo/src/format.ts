/** Numbers as people read them. `–` stands for what is not known yet. */

export const UNKNOWN = '–';

/** Bytes in decimal units, as networks count. */
export function bytes(count: number): string {
  if (count < 1_000) return `${Math.round(count)} B`;
  if (count < 1_000_000) return `${Math.round(count / 1_000)} kB`;
  if (count < 1_000_000_000) return `${(count / 1_000_000).toFixed(1)} MB`;
  return `${(count / 1_000_000_000).toFixed(2)} GB`;
}

/** Bits a second. */
export function rate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1_000)} kbit/s`;
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`;
}

/** Seconds with one decimal, from milliseconds; the unit is written by the caller where it is drawn smaller. */
export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

/** A share as a whole percentage that says 100 and 0 only when it is so. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return '99';
  if (rounded === 0 && share > 0) return '1';
  return String(rounded);
}

/** The head of a peer id: enough to tell viewers apart. */
export function shortId(peerId: string): string {
  return peerId.slice(-8);
}

/** A stable hue for a peer id, in degrees. */
export function hue(peerId: string): number {
  let sum = 0;
  for (const char of peerId) sum = (sum * 31 + char.charCodeAt(0)) % 360;
  return sum;
}

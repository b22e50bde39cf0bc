/** The page's address: what to play, and whether to share it. */

/** What the address asks for. */
export interface Address {
  /** The playlist's URL. */
  readonly src: string;
  /** Trade with other viewers. */
  readonly p2p: boolean;
}

/** Where the stack publishes when it is started without arguments. */
const DEFAULT_SRC = '/live/main/master.m3u8';

/** Reads `?src=` and `?p2p=off`. */
export function parseAddress(search: string): Address {
  const params = new URLSearchParams(search);
  return { src: params.get('src') || DEFAULT_SRC, p2p: params.get('p2p') !== 'off' };
}

/** The same page with sharing turned on or off, as a relative link. */
export function withP2p(search: string, on: boolean): string {
  const params = new URLSearchParams(search);
  if (on) params.delete('p2p');
  else params.set('p2p', 'off');
  const query = params.toString();
  return query === '' ? './' : `?${query}`;
}

/** The stream's name: the folder that its multivariant playlist lies in; none where `src` is no address. */
export function streamName(src: string, base: string): string {
  try {
    return decodeURIComponent(new URL(src, base).pathname.split('/').at(-2) ?? '');
  } catch {
    // A stray `%`, or no URL at all: anybody may write an address, and the player says what comes of it.
    return '';
  }
}

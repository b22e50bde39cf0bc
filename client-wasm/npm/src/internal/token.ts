/** Join tokens, for trackers that ask for them: one for each connection, and a new one before it ends. */

import type { Token } from '../public/types.js';

/** A token is renewed so long before its end, milliseconds: clocks differ, and the page's server takes a moment. */
const EARLY_MS = 30_000;
/** The longest wait that `setTimeout` knows. */
const TIMER_MS_MAX = 2_147_483_647;

/** The token to show now; `undefined` where there is none. */
export async function fetchToken(token: Token | undefined): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token;
}

/** Milliseconds until a token (RFC 7519) is to be renewed; `undefined` where it does not say when it ends. */
export function renewalMs(token: string, now: number = Date.now()): number | undefined {
  try {
    const claims = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const left = Number((JSON.parse(atob(claims)) as { exp: unknown }).exp) * 1_000 - now;
    // A short-lived one at half its time.
    return left > 0 ? Math.min(left - Math.min(EARLY_MS, left / 2), TIMER_MS_MAX) : undefined;
  } catch {
    return undefined;
  }
}

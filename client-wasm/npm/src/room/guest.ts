/** Guests: a name, no sign-up. The edge signs a token for it, which is kept and exchanged before it ends. */

import { RoomError, ask } from './api.js';
import { count, field, parsed, text } from './events.js';
import type { RoomToken } from './types.js';

/** Options of {@link guestToken}. */
export interface GuestOptions {
  /** The chat API's base, `https://HOST/chat/v1`. */
  readonly api: string;
  /** What others see: 1 to 24 characters. */
  readonly name: string;
  /** The name in `localStorage` under which the guest stays the same person for a day; nothing is kept without one. */
  readonly keep?: string;
}

/** A token this near to its end is not shown any more. */
const SOON_MS = 30_000;

interface Kept {
  readonly name: string;
  readonly token: string;
  readonly untilMs: number;
  readonly refreshUntilMs: number;
}

/**
 * What gets a guest's token, for `openRoom`. Rejects with a `RoomError` where the name is refused, or there are no guests.
 */
export function guestToken({ api, name, keep }: GuestOptions): RoomToken {
  const base = api.replace(/\/+$/, '');
  let last: Kept | null = keep === undefined ? null : read(keep, name);
  return async (renew) => {
    const now = Date.now();
    if (last !== null && !renew && last.untilMs - SOON_MS > now) return last.token;
    let answer = last !== null && last.refreshUntilMs > now
      ? await ask(`${base}/tokens/refresh`, { method: 'POST', token: last.token })
      : null;
    // A token that is not exchanged any more: another guest of the same name. A server that is not there is asked later.
    if (answer === null || (!answer.ok && answer.refusal.retryAfterMs === null)) {
      answer = await ask(`${base}/guests`, { method: 'POST', body: { name } });
    }
    if (!answer.ok) throw new RoomError(answer.refusal);
    last = {
      name, token: text(field(answer.value, 'token')),
      untilMs: count(field(answer.value, 'until_ms')), refreshUntilMs: count(field(answer.value, 'refresh_until_ms')),
    };
    if (keep !== undefined) write(keep, last);
    return last.token;
  };
}

function read(keep: string, name: string): Kept | null {
  try {
    const kept = parsed(localStorage.getItem(keep) ?? '');
    const token = text(kept?.['token']);
    if (kept?.['name'] !== name || token === '') return null;
    return { name, token, untilMs: count(kept['untilMs']), refreshUntilMs: count(kept['refreshUntilMs']) };
  } catch {
    return null;
  }
}

function write(keep: string, kept: Kept): void {
  try {
    localStorage.setItem(keep, JSON.stringify(kept));
  } catch {
    // Storage is full or forbidden: the guest lasts as long as the page.
  }
}

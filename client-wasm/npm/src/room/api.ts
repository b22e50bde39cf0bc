/** The chat API over HTTP (`docs/spec/chat-api.md`): every answer a value, every refusal with its words. */

import { count, field, parsed, text } from './events.js';
import type { Outcome, Refusal } from './types.js';

/** A server that takes longer does not answer. */
const ANSWER_MS_MAX = 8_000;
/** When a server that was not reached is worth another try. */
const UNREACHABLE_RETRY_MS = 2_000;

export const NO_API: Refusal = { code: 'no_api', message: 'The page does not say where the room’s history is.', retryAfterMs: null };
const UNREACHABLE: Refusal = {
  code: 'unreachable', message: 'The room cannot be reached; try again.', retryAfterMs: UNREACHABLE_RETRY_MS,
};

/** Rejected with where a page is to be told why. */
export class RoomError extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'RoomError';
    this.refusal = refusal;
  }
}

/** Why somebody was refused; `null` where that is not what went wrong. A page may have another copy of our class. */
export function refusalFor(cause: unknown): Refusal | null {
  const refusal = cause instanceof RoomError ? cause.refusal : field(cause, 'refusal');
  return typeof field(refusal, 'code') === 'string' ? refusal as Refusal : null;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly token?: string | null;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** Asks; never rejects. */
export async function ask(url: string, { method = 'GET', token, body, signal }: Request): Promise<Outcome<{ readonly value: unknown }>> {
  const headers = new Headers();
  if (token != null) headers.set('authorization', `Bearer ${token}`);
  const init: RequestInit = { method, headers, cache: 'no-store' };
  if (body !== undefined) {
    headers.set('content-type', 'application/json');
    init.body = JSON.stringify(body);
  }
  try {
    const late = AbortSignal.timeout(ANSWER_MS_MAX);
    // Old browsers end a request in time only.
    init.signal = signal !== undefined && 'any' in AbortSignal ? AbortSignal.any([late, signal]) : late;
    const response = await fetch(url, init);
    const value = parsed(await response.text());
    if (response.ok) return { ok: true, value };
    return { ok: false, refusal: refusalOf(value?.['error']) ?? { ...UNREACHABLE, message: `The room answered ${String(response.status)}.` } };
  } catch {
    return { ok: false, refusal: UNREACHABLE };
  }
}

/** A refusal as the API and the connection write it; `null` where it is none. */
export function refusalOf(error: unknown): Refusal | null {
  const code = text(field(error, 'code')) || text(field(error, 'error'));
  if (code === '') return null;
  const wait = field(error, 'retry_after_ms');
  return { code, message: sentence(text(field(error, 'message'))), retryAfterMs: typeof wait === 'number' ? count(wait) : null };
}

/** The server's words, as a sentence for people. */
function sentence(words: string): string {
  const head = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(head) || head === '' ? head : `${head}.`;
}

/** The calls of one room. */
export class Api {
  readonly #room: string | null;

  /** `base` is `https://HOST/chat/v1`; without it every call is refused. */
  constructor(base: string | undefined, room: string) {
    const [kind = '', ...rest] = room.split('://');
    const path = `/rooms/${encodeURIComponent(kind)}/${encodeURIComponent(rest.join('://'))}`;
    this.#room = base === undefined ? null : `${base.replace(/\/+$/, '')}${path}`;
  }

  get isThere(): boolean {
    return this.#room !== null;
  }

  call(path: string, request: Request): Promise<Outcome<{ readonly value: unknown }>> {
    if (this.#room === null) return Promise.resolve({ ok: false, refusal: NO_API });
    return ask(`${this.#room}/${path}`, request);
  }
}

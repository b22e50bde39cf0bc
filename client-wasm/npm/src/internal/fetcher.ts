/** GETs to the origin: blocks and hash lists, each with its time-out, each abortable. */

import type { Meter } from './meter.js';

/** What becomes of a GET. */
export interface FetchEvents {
  block(fetch: number, bytes: Uint8Array<ArrayBuffer>): void;
  list(fetch: number, bytes: Uint8Array<ArrayBuffer>): void;
  notYet(fetch: number, retryMs: number): void;
  absent(fetch: number): void;
  unreachable(fetch: number): void;
}

/** How the page may change a request: headers with a token, credentials. */
export type RequestHook = (url: string) => RequestInit;

/** Past the target duration for which the origin may hold a GET back, so long may its headers take. */
const FIRST_BYTE_MS_MAX = 3_000;
/** A body of 60 KB takes 2.4 s at 200 kbit/s; what takes longer than this is no use before its deadline. */
const BODY_MS_MAX = 5_000;
/** Retry-After that is absent or no number of seconds. */
const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;
/** `protocol::limits::HASH_LIST_BYTES_MAX`. */
const LIST_BYTES_MAX = 34_816;

export class Fetcher {
  readonly #open = new Map<number, AbortController>();
  readonly #events: FetchEvents;
  readonly #meter: Meter;
  readonly #waitMs: number;
  readonly #hook: RequestHook | undefined;

  constructor(events: FetchEvents, meter: Meter, targetDurationMs: number, hook: RequestHook | undefined) {
    this.#events = events;
    this.#meter = meter;
    this.#waitMs = targetDurationMs + FIRST_BYTE_MS_MAX;
    this.#hook = hook;
  }

  get size(): number {
    return this.#open.size;
  }

  block(fetch: number, url: string | undefined, bytesMax: number): void {
    this.#get(fetch, url, bytesMax, true, this.#events.block.bind(this.#events));
  }

  list(fetch: number, url: string | undefined): void {
    this.#get(fetch, url, LIST_BYTES_MAX, false, this.#events.list.bind(this.#events));
  }

  /** Aborts a GET and says nothing. */
  cancel(fetch: number): void {
    this.#open.get(fetch)?.abort();
    this.#open.delete(fetch);
  }

  /** Aborts all of them and says nothing. */
  end(): void {
    for (const fetch of [...this.#open.keys()]) this.cancel(fetch);
  }

  #get(
    fetch: number,
    url: string | undefined,
    bytesMax: number,
    media: boolean,
    done: (fetch: number, bytes: Uint8Array<ArrayBuffer>) => void,
  ): void {
    const abort = new AbortController();
    this.#open.set(fetch, abort);
    this.#load(url, abort, bytesMax, media).then(
      (outcome) => {
        if (!this.#open.delete(fetch)) return;
        if (outcome instanceof Uint8Array) done(fetch, outcome);
        else if (outcome === 'absent') this.#events.absent(fetch);
        else if (outcome === 'unreachable') this.#events.unreachable(fetch);
        else this.#events.notYet(fetch, outcome);
      },
      () => {
        if (this.#open.delete(fetch)) this.#events.unreachable(fetch);
      },
    );
  }

  async #load(
    url: string | undefined,
    abort: AbortController,
    bytesMax: number,
    media: boolean,
  ): Promise<Uint8Array<ArrayBuffer> | number | 'absent' | 'unreachable'> {
    if (url === undefined) return 'absent';
    const started = performance.now();
    let timer = setTimeout(abort.abort.bind(abort), this.#waitMs);
    try {
      // The HTTP cache would make two tabs of one browser wait for each other's GET of a block that does not exist yet.
      const response = await fetch(url, { cache: 'no-store', ...this.#hook?.(url), signal: abort.signal });
      if (!response.ok) {
        void response.body?.cancel();
        return refusal(response);
      }
      clearTimeout(timer);
      timer = setTimeout(abort.abort.bind(abort), BODY_MS_MAX);
      if (Number(response.headers.get('content-length') ?? 0) > bytesMax) return 'unreachable';
      const transfer = media ? this.#meter.begin(started) : undefined;
      try {
        const body = await response.arrayBuffer();
        transfer?.end(body.byteLength);
        return body.byteLength <= bytesMax ? new Uint8Array(body) : 'unreachable';
      } finally {
        transfer?.end(0);
      }
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  }
}

function refusal(response: Response): number | 'absent' | 'unreachable' {
  if (response.status === 404 || response.status === 410) return 'absent';
  if (response.status !== 503) return 'unreachable';
  return retryAfterMs(response.headers.get('retry-after'));
}

/** Retry-After in seconds (RFC 9110 §10.2.3; a date counts as unknown), as bounded milliseconds. */
export function retryAfterMs(header: string | null): number {
  const seconds = header === null || header.trim() === '' ? NaN : Number(header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1_000, RETRY_MS_MAX) : RETRY_MS;
}

/**
 * GETs to the origin: blocks and hash lists, each abortable. How long one may take is the engine's business.
 *
 * Adjacent blocks of a listed segment that are asked for in one turn share a ranged GET of the segment: what a player
 * waits for at its start then takes one request, as with plain HLS. The engine sees blocks either way.
 */

import type { Meter } from './meter.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** What becomes of a fetch. */
export interface FetchEvents {
  block(fetch: number, bytes: Bytes): void;
  list(fetch: number, bytes: Bytes): void;
  notYet(fetch: number, retryMs: number): void;
  absent(fetch: number): void;
  unreachable(fetch: number): void;
}

/** How the page may change a request: headers with a token, credentials. */
export type RequestHook = (url: string) => RequestInit;

/** A block to be fetched. */
export interface BlockFetch {
  readonly fetch: number;
  readonly block: number;
  /** The block's own URL; `undefined` where there is none. */
  readonly url: string | undefined;
  /** The URL of its segment, where a playlist lists it. */
  readonly segment: string | undefined;
}

/** Retry-After that is absent or no number of seconds. */
const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;
/** `protocol::limits::HASH_LIST_BYTES_MAX`. */
const LIST_BYTES_MAX = 34_816;

/** One GET: of a hash list, of a block, or of a range of a segment. */
interface Get {
  readonly url: string | undefined;
  readonly kind: 'list' | 'block' | 'range';
  readonly bytesMax: number;
  /** The fetches that wait for it, in order, each with the place of its bytes in the resource. */
  readonly fetches: Map<number, number>;
}

/** A body and where in the resource it begins; or why there is none. */
type Outcome = { readonly body: Bytes; readonly from: number } | number | 'absent' | 'unreachable';

export class Fetcher {
  readonly #open = new Map<number, { get: Get; abort: AbortController }>();
  readonly #events: FetchEvents;
  readonly #meter: Meter;
  readonly #blockBytes: number;
  readonly #hook: RequestHook | undefined;
  /** Asked for in this turn. */
  #asked: BlockFetch[] = [];
  /** Who has once refused a range is not asked for another. */
  #ranges = true;

  constructor(
    events: FetchEvents,
    meter: Meter,
    blockBytes: number,
    hook: RequestHook | undefined,
  ) {
    this.#events = events;
    this.#meter = meter;
    this.#blockBytes = blockBytes;
    this.#hook = hook;
  }

  get size(): number {
    return this.#open.size + this.#asked.length;
  }

  block(asked: BlockFetch): void {
    if (this.#asked.push(asked) > 1) return;
    queueMicrotask(() => {
      const all = this.#asked;
      this.#asked = [];
      for (const run of runs(all)) this.#run(run);
    });
  }

  list(fetch: number, url: string | undefined): void {
    this.#get({ url, kind: 'list', bytesMax: LIST_BYTES_MAX, fetches: new Map([[fetch, 0]]) });
  }

  /** Says nothing more of a fetch; its GET is aborted when no other waits for it. */
  cancel(fetch: number): void {
    this.#asked = this.#asked.filter((asked) => asked.fetch !== fetch);
    const open = this.#open.get(fetch);
    this.#open.delete(fetch);
    open?.get.fetches.delete(fetch);
    if (open?.get.fetches.size === 0) open.abort.abort();
  }

  /** Aborts all of them and says nothing. */
  end(): void {
    this.#asked = [];
    for (const fetch of [...this.#open.keys()]) this.cancel(fetch);
  }

  /** Fetches adjacent blocks: together if there are several and ranges are served, else each by its own URL. */
  #run(run: readonly BlockFetch[]): void {
    const bytes = this.#blockBytes;
    if (run.length === 1 || !this.#ranges) {
      for (const { fetch, url } of run) this.#get({ url, kind: 'block', bytesMax: bytes, fetches: new Map([[fetch, 0]]) });
      return;
    }
    const fetches = new Map(run.map(({ fetch, block }) => [fetch, block * bytes]));
    this.#get({ url: run[0]?.segment, kind: 'range', bytesMax: run.length * bytes, fetches }, () => {
      this.#ranges = false;
      this.#run(run.filter(({ fetch }) => fetches.has(fetch)));
    });
  }

  /** Sends a GET; `otherwise` takes the place of what would be said of its failure. */
  #get(get: Get, otherwise?: () => void): void {
    const abort = new AbortController();
    for (const fetch of get.fetches.keys()) this.#open.set(fetch, { get, abort });
    void this.#load(get, abort).catch((): Outcome => 'unreachable').then((outcome) => {
      if (typeof outcome !== 'object' && otherwise !== undefined && get.fetches.size > 0) {
        otherwise();
        return;
      }
      for (const [fetch, at] of get.fetches) if (this.#open.delete(fetch)) this.#tell(get.kind, fetch, at, outcome);
    });
  }

  #tell(kind: Get['kind'], fetch: number, at: number, outcome: Outcome): void {
    const events = this.#events;
    if (outcome === 'absent') events.absent(fetch);
    else if (outcome === 'unreachable') events.unreachable(fetch);
    else if (typeof outcome === 'number') events.notYet(fetch, outcome);
    else if (kind === 'list') events.list(fetch, outcome.body);
    else {
      const start = at - outcome.from;
      const bytes = outcome.body.subarray(start, start + this.#blockBytes);
      // The segment has ended before this block.
      if (bytes.byteLength === 0) events.absent(fetch);
      else events.block(fetch, bytes);
    }
  }

  async #load({ url, kind, bytesMax, fetches }: Get, abort: AbortController): Promise<Outcome> {
    if (url === undefined) return 'absent';
    const [first = 0] = fetches.values();
    const started = performance.now();
    try {
      const init = this.#hook?.(url);
      const headers = new Headers(init?.headers);
      if (kind === 'range') headers.set('range', `bytes=${String(first)}-${String(first + bytesMax - 1)}`);
      // The HTTP cache would make two tabs of one browser wait for each other's GET of a block that does not exist yet.
      const response = await fetch(url, { cache: 'no-store', ...init, headers, signal: abort.signal });
      if (!response.ok) {
        void response.body?.cancel();
        return refusal(response);
      }
      if (Number(response.headers.get('content-length') ?? 0) > bytesMax) return 'unreachable';
      const transfer = kind === 'list' ? undefined : this.#meter.begin(started);
      try {
        const body = new Uint8Array(await response.arrayBuffer());
        transfer?.end(body.byteLength);
        if (body.byteLength > bytesMax) return 'unreachable';
        return { body, from: response.status === 206 ? first : 0 };
      } finally {
        transfer?.end(0);
      }
    } finally {
      abort.abort();
    }
  }
}

/** Stretches of adjacent blocks of one segment; a block whose segment is not listed is alone. */
export function runs(asked: readonly BlockFetch[]): BlockFetch[][] {
  const found: BlockFetch[][] = [];
  for (const next of [...asked].sort((one, other) => one.block - other.block)) {
    const before = found.find((run) => {
      const last = run.at(-1);
      return next.segment !== undefined && last?.segment === next.segment && last.block + 1 === next.block;
    });
    if (before === undefined) found.push([next]);
    else before.push(next);
  }
  return found;
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

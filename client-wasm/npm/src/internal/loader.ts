/** The fragment loader that hls.js is given: segments from the swarm, everything else by the loader that it had before. */

import type {
  FragmentLoaderConstructor, FragmentLoaderContext, HlsConfig, Loader, LoaderCallbacks, LoaderConfiguration, LoaderStats,
} from 'hls.js';
import { PendingTiming, arrivedTiming } from './load-stats.js';
import type { Meter } from './meter.js';

type Callbacks = LoaderCallbacks<FragmentLoaderContext>;

/** What came of asking the swarm. */
export type Asked = 'plain' | { readonly cancel: () => void };

/** The session, as its loaders see it. */
export interface LoaderHost {
  readonly meter: Meter;
  /** Asks the swarm for the segment of this request. */
  ask(context: FragmentLoaderContext, wish: { ready(segment: ArrayBuffer): void; giveUp(): void }): Asked;
  /** Bytes of this request's segment that the swarm has so far. */
  arrived(context: FragmentLoaderContext): number;
  /** A segment came by plain HLS. */
  onPlain(context: FragmentLoaderContext, bytes: number): void;
}

export type PlainLoader = new (config: HlsConfig) => Loader<FragmentLoaderContext>;

/** A loader class bound to a session; `plain` loads what the swarm does not. */
export function fragmentLoader(host: LoaderHost, plain: PlainLoader): FragmentLoaderConstructor {
  return class extends SwarmLoader {
    constructor(config: HlsConfig) {
      super(host, new plain(config));
    }
  };
}

class SwarmLoader implements Loader<FragmentLoaderContext> {
  context: FragmentLoaderContext | null = null;
  /** hls.js keeps this object as the fragment's own: both ways of loading write into it. */
  readonly stats: LoaderStats;
  readonly #host: LoaderHost;
  readonly #plain: Loader<FragmentLoaderContext>;
  #callbacks: Callbacks | undefined;
  #cancel: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: 'idle' | 'swarm' | 'plain' | 'over' = 'idle';

  constructor(host: LoaderHost, plain: Loader<FragmentLoaderContext>) {
    this.#host = host;
    this.#plain = plain;
    this.stats = plain.stats;
  }

  load(context: FragmentLoaderContext, config: LoaderConfiguration, callbacks: Callbacks): void {
    this.context = context;
    this.#callbacks = callbacks;
    this.#state = 'swarm';
    this.#ask(context, config);
  }

  abort(): void {
    if (this.#state === 'plain') {
      this.#plain.abort();
      return;
    }
    const pending = this.#state === 'swarm';
    this.#stop();
    if (!pending || this.context === null) return;
    this.stats.aborted = true;
    this.#callbacks?.onAbort?.(this.stats, this.context, null);
  }

  destroy(): void {
    this.#stop();
    this.#callbacks = undefined;
    this.context = null;
    this.#plain.destroy();
  }

  getCacheAge(): number | null {
    return this.#state === 'plain' ? (this.#plain.getCacheAge?.() ?? null) : null;
  }

  getResponseHeader(name: string): string | null {
    return this.#state === 'plain' ? (this.#plain.getResponseHeader?.(name) ?? null) : null;
  }

  #ask(context: FragmentLoaderContext, config: LoaderConfiguration): void {
    const started = performance.now();
    const pending = new PendingTiming(this.#host.meter, () => (this.stats.loaded = this.#host.arrived(context)));
    const plainly = (): void => {
      if (this.#state === 'swarm') this.#loadPlainly(context, config);
    };
    const asked = this.#host.ask(context, {
      ready: (segment) => {
        if (this.#state === 'swarm') this.#deliver(context, segment, started);
      },
      giveUp: plainly,
    });
    if (asked === 'plain') {
      plainly();
    } else if (this.#state === 'swarm') {
      this.stats.loading = pending;
      this.#cancel = asked.cancel;
      // The engine watches deadlines; this is the player's own patience, as it has it with a server that says nothing.
      const patience = config.loadPolicy.maxTimeToFirstByteMs;
      if (Number.isFinite(patience) && patience > 0) this.#timer = setTimeout(plainly, patience);
    }
  }

  #deliver(context: FragmentLoaderContext, segment: ArrayBuffer, started: number): void {
    const callbacks = this.#callbacks;
    const { stats } = this;
    this.#stop();
    stats.loaded = stats.total = segment.byteLength;
    stats.loading = arrivedTiming(segment.byteLength, started, performance.now(), this.#host.meter);
    callbacks?.onProgress?.(stats, context, segment, null);
    callbacks?.onSuccess({ url: context.url, data: segment, code: 200 }, stats, context, null);
  }

  #loadPlainly(context: FragmentLoaderContext, config: LoaderConfiguration): void {
    const callbacks = this.#callbacks;
    this.#stop();
    if (callbacks === undefined) return;
    this.#state = 'plain';
    this.stats.loaded = 0;
    this.stats.loading = { start: 0, first: 0, end: 0 };
    this.#plain.load(context, config, {
      ...callbacks,
      onSuccess: (response, stats, ...rest) => {
        const { start, first, end } = stats.loading;
        this.#host.meter.sample(stats.loaded, end - first, first - start);
        this.#host.onPlain(context, stats.loaded);
        callbacks.onSuccess(response, stats, ...rest);
      },
    });
  }

  #stop(): void {
    clearTimeout(this.#timer);
    const cancel = this.#cancel;
    this.#cancel = undefined;
    if (this.#state === 'swarm') this.#state = 'over';
    cancel?.();
  }
}

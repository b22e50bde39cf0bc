/**
 * One stream being played: decides between the swarm and plain HLS, and keeps the two fed.
 *
 * **Invariant:** whatever fails, hls.js goes on: every wish that the swarm does not answer is loaded plainly.
 * **Invariant:** while P2P is off or not consented to, nothing of it is loaded and nobody is connected to.
 */

import type Hls from 'hls.js';
import type { FragmentLoaderContext, LevelDetails } from 'hls.js';
import type {
  BlockView, Consent, Mode, Options, PeerView, PlainReason, Resources, Session, SessionEvents, Stats, Token, Upload,
} from '../public/types.js';
import { CatchUp } from './catch-up.js';
import { type Conditions, watchConditions } from './conditions.js';
import { loadCrypto } from './crypto.js';
import type { Descriptor } from './descriptor.js';
import { StartError, loadDescriptor, sameKeys } from './discovery.js';
import { Emitter } from './emitter.js';
import { Engine } from './glue.js';
import { bareUrl, behindLiveSeconds, bufferSeconds, playlists, position, rowsAfter, watchHls } from './hls.js';
import { Lifetime } from './lifetime.js';
import { type Asked, type LoaderHost, type PlainLoader, fragmentLoader } from './loader.js';
import { Meter } from './meter.js';
import { lacking, loadModule, poisonModule } from './module.js';
import { type Settings, parseOptions } from './options.js';
import { retryMs } from './retry.js';
import { decodeStats } from './rows.js';
import { join } from './store.js';
import { Swarm } from './swarm.js';
import { Arrivals, addTotals, overview } from './totals.js';
import { type EngineConfig, configBytes, configNumbers } from './wire.js';

/** How often the engine is told where the player is. */
const PLAYHEAD_MS = 250;
/** How often the descriptor is looked at again: for keys that it did not name before, or for a start that failed. */
const DESCRIPTOR_AGAIN_MS = 30_000;
/** Failures that a second try may mend: a network's, a deployment's. */
const RETRIED: readonly PlainReason[] = ['descriptor-unreachable', 'no-wasm', 'no-crypto'];

export class PlayerSession implements Session, LoaderHost {
  readonly meter = new Meter();
  readonly #hls: Hls;
  readonly #lifetime = new Lifetime();
  readonly #events = new Emitter<SessionEvents>();
  readonly #arrivals = new Arrivals();
  readonly #catchUp: CatchUp;
  #settings: Settings;
  #conditions: Conditions = { background: false, spare: false };
  #mode: Mode = 'plain';
  #reason: PlainReason | null = 'no-descriptor';
  #descriptorUrl: string | undefined;
  #descriptor: Descriptor | undefined;
  #swarm: Swarm | undefined;
  /** Totals of the engines that have ended, and what plain HLS loaded. */
  #past = decodeStats(undefined);
  #plainBytes = 0;
  /** Of these, what no engine was told of. */
  #untold = 0;
  /** The start that is under way; a later one makes an earlier one void. */
  #attempt = 0;
  /** Starts that failed in a row. */
  #fails = 0;
  #rendition = -1;
  #lookedMs = -Infinity;
  readonly #listed = new Map<number, number>();

  constructor(hls: Hls, options: Options | undefined) {
    this.#hls = hls;
    this.#settings = parseOptions(options);
    this.#catchUp = new CatchUp(this.#settings.catchUpRate);
    this.#descriptorUrl = this.#settings.descriptor;
    this.#install();
    this.#watch();
    this.#restart();
  }

  get mode(): Mode {
    return this.#mode;
  }

  stats(): Stats {
    const totals = addTotals(this.#past, this.#swarm?.stats());
    return overview(totals, {
      mode: this.#mode,
      plainReason: this.#reason,
      plainBytes: this.#plainBytes,
      behindLiveSeconds: behindLiveSeconds(this.#hls),
      bufferSeconds: bufferSeconds(this.#hls),
      bandwidthBits: Number.isFinite(this.#hls.bandwidthEstimate) ? this.#hls.bandwidthEstimate : 0,
    });
  }

  peers(): PeerView[] {
    return this.#swarm?.peers() ?? [];
  }

  blocks(): BlockView[] {
    return this.#swarm?.blocks() ?? [];
  }

  renditions(): readonly string[] {
    return this.#descriptor?.renditions.map(({ name }) => name) ?? [];
  }

  on<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  setConsent(consent: Consent): void {
    this.#change({ consent });
  }

  setP2p(on: boolean): void {
    this.#change({ p2p: on });
  }

  setToken(token: Token): void {
    this.#settings = { ...this.#settings, token };
    this.#swarm?.setToken(token);
  }

  setUpload(upload: Upload): void {
    this.#settings = { ...this.#settings, upload };
    this.#tellConditions();
  }

  resources(): Resources {
    const swarm = this.#swarm?.resources();
    return {
      connections: swarm?.connections ?? 0,
      sockets: swarm?.sockets ?? 0,
      fetches: swarm?.fetches ?? 0,
      timers: this.#lifetime.timers + (swarm?.timers ?? 0),
      listeners: this.#lifetime.listeners + (swarm?.listeners ?? 0),
      blocks: swarm?.blocks ?? 0,
    };
  }

  destroy(): void {
    if (this.#reason === 'destroyed') return;
    this.#lifetime.end();
    this.#catchUp.end();
    this.#stop('destroyed');
    this.#events.clear();
  }

  // What loaders ask.

  ask(context: FragmentLoaderContext, wish: { ready(segment: ArrayBuffer): void; giveUp(): void }): Asked {
    const { frag, part } = context;
    if (typeof frag.sn !== 'number' || part !== null || (context.rangeEnd ?? 0) > 0) return 'plain';
    // Nor is a swarm waited for that is being started: the first picture is there as soon as without it.
    const rendition = this.#renditionOf(frag.baseurl);
    if (this.#swarm === undefined || rendition < 0 || frag.sn > (this.#listed.get(rendition) ?? -1)) return 'plain';
    if (frag.type === 'main' && rendition !== this.#rendition) {
      this.#rendition = rendition;
      this.#swarm.rendition(rendition);
    }
    this.#tellPlayhead();
    const giveUp = (): void => {
      wish.giveUp();
      void this.#lookForKeys();
    };
    return { cancel: this.#swarm.want({ ready: wish.ready, giveUp, rendition, segment: frag.sn }) };
  }

  arrived({ frag }: FragmentLoaderContext): number {
    return this.#arrivals.bytes(this.#renditionOf(frag.baseurl), Number(frag.sn), this.#descriptor?.blockBytes ?? 0);
  }

  onPlain({ frag }: FragmentLoaderContext, bytes: number): void {
    if (typeof frag.sn !== 'number') return;
    this.#plainBytes += bytes;
    this.#untold += bytes;
    this.#tellLoaded();
  }

  /** What was loaded plainly counts as downloaded: the first segment mostly is, before the swarm is ready. */
  #tellLoaded(): void {
    this.#swarm?.loaded(this.#untold);
    if (this.#swarm !== undefined) this.#untold = 0;
  }

  #install(): void {
    const { config } = this.#hls;
    const before = config.fLoader;
    const ours = fragmentLoader(this, before ?? (config.loader as unknown as PlainLoader));
    this.#hls.config.fLoader = ours;
    this.#lifetime.onEnd(() => {
      if (config.fLoader === ours) (config as { fLoader: unknown }).fLoader = before;
    });
  }

  #watch(): void {
    watchHls(this.#hls, this.#lifetime, {
      manifestLoaded: (descriptor) => { this.#onManifest(this.#settings.descriptor ?? descriptor); },
      playlist: (details) => { this.#tellPlaylist(details); },
      destroying: () => { this.destroy(); },
    });
    watchConditions(this.#lifetime, (conditions) => {
      this.#conditions = conditions;
      this.#tellConditions();
    });
    // A page that is put away may be taken out again; browsers keep none that holds a connection open.
    this.#lifetime.listen(window, 'pagehide', () => { this.#stop(this.#reason); });
    this.#lifetime.listen(window, 'pageshow', (event) => {
      if ((event as PageTransitionEvent).persisted) this.#restart();
    });
    this.#events.on('block', (block) => { this.#arrivals.add(block); });
    this.#lifetime.every(PLAYHEAD_MS, () => {
      this.#tellPlayhead();
      this.#catchUp.look(this.#hls);
    });
    this.#lifetime.every(this.#settings.statsIntervalMs, () => { this.#events.emit('stats', this.stats()); });
  }

  #change(change: Partial<Settings>): void {
    if (this.#reason === 'destroyed') return;
    const before = this.#obstacle();
    this.#settings = { ...this.#settings, ...change };
    if (this.#obstacle() !== before) this.#restart();
  }

  #onManifest(descriptor: string | undefined): void {
    if (descriptor !== undefined && descriptor === this.#descriptorUrl && this.#mode !== 'plain') return;
    this.#descriptorUrl = descriptor;
    if (descriptor === undefined) this.#stop(this.#obstacle() ?? 'no-descriptor');
    else this.#restart();
  }

  /** Why there can be no swarm here; `null` where there can. */
  #obstacle(): PlainReason | null {
    if (!this.#settings.p2p) return 'p2p-off';
    return this.#settings.consent === 'required' ? 'no-consent' : lacking();
  }

  #restart(): void {
    const obstacle = this.#obstacle();
    this.#stop(obstacle);
    this.#fails = 0;
    if (obstacle === null) this.#begin();
  }

  #begin(): void {
    // The module travels while the playlist does; nobody waits for it yet.
    const module = loadModule();
    module.catch(() => undefined);
    // Else the playlist will name it.
    if (this.#descriptorUrl !== undefined) void this.#start(this.#attempt, module, this.#descriptorUrl);
  }

  async #start(attempt: number, module: Promise<void>, url: string): Promise<void> {
    try {
      const [descriptor] = await Promise.all([
        loadDescriptor(url, this.#settings.request),
        module.catch((cause: unknown) => { throw new StartError('no-wasm', cause); }),
      ]);
      const hashes = await loadCrypto(descriptor.keys).catch((cause: unknown) => { throw new StartError('no-crypto', cause); });
      if (attempt !== this.#attempt) return;
      const trackers = this.#settings.trackers ?? descriptor.trackers;
      const config = this.#engineConfig(descriptor, trackers.length);
      const bytes = new Uint8Array(join(configBytes(config)));
      const now = performance.now();
      const numbers = configNumbers(config);
      const engine = Engine.create(now, numbers, bytes);
      if (engine === undefined) throw new StartError('descriptor-malformed', undefined);
      this.#descriptor = descriptor;
      this.#swarm = new Swarm(this.#settings.recorder?.tap(engine, now, numbers, bytes) ?? engine, {
        descriptor,
        crypto: hashes,
        trackers,
        iceServers: this.#settings.iceServers,
        token: this.#settings.token,
        request: this.#settings.request,
        meter: this.meter,
        events: this.#events,
        segmentUrl: (rendition, segment) => this.#segmentUrl(rendition, segment),
        onTrap: (cause) => {
          poisonModule();
          this.#fail(new StartError('engine-failed', cause));
        },
        onUnchecked: (cause) => {
          if (attempt === this.#attempt) this.#fail(new StartError('no-crypto', cause));
        },
      });
      this.#setMode('p2p', null);
      this.#tellLoaded();
      this.#feed();
    } catch (error) {
      if (attempt === this.#attempt) this.#fail(error);
    }
  }

  #engineConfig(descriptor: Descriptor, trackers: number): EngineConfig {
    const { links, cacheBytesMax } = this.#settings;
    const { stream, swarm, targetDurationMs } = descriptor;
    return {
      seed: crypto.getRandomValues(new Uint8Array(8)),
      peerId: crypto.getRandomValues(new Uint8Array(20)),
      swarm, stream, targetDurationMs, trackers, cacheBytesMax,
      keys: descriptor.keys.keys(),
      // What a viewer may do for good; what holds now is a condition.
      upload: true,
      linksAim: links.aim,
      linksMax: links.max,
    };
  }

  /** Goes on by plain HLS. What a second try may mend is tried again, without a word to the page. */
  #fail(error: unknown): void {
    const { reason, cause } = error instanceof StartError ? error : new StartError('engine-failed', error);
    const told = this.#mode === 'plain';
    this.#stop(reason);
    const attempt = this.#attempt;
    // A policy of the page that forbids the module does not change.
    if (RETRIED.includes(reason) && !(cause instanceof WebAssembly.CompileError)) {
      this.#lifetime.after(retryMs(this.#fails++, DESCRIPTOR_AGAIN_MS), () => {
        if (attempt === this.#attempt) this.#begin();
      });
    }
    if (told) return;
    const code = reason.startsWith('descriptor') ? 'descriptor' : 'engine';
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    this.#events.emit('error', { code, message: `plain HLS, ${reason}${why}`, cause });
  }

  /** A segment without a valid list: the origin may sign with a new key by now. */
  async #lookForKeys(): Promise<void> {
    const url = this.#descriptorUrl;
    const { attempt, now } = { attempt: this.#attempt, now: performance.now() };
    if (url === undefined || this.#swarm === undefined || now - this.#lookedMs < DESCRIPTOR_AGAIN_MS) return;
    this.#lookedMs = now;
    const found = await loadDescriptor(url, this.#settings.request).catch(() => undefined);
    if (found === undefined || this.#descriptor === undefined || attempt !== this.#attempt) return;
    if (!sameKeys(found, this.#descriptor)) this.#restart();
  }

  /** Ends the swarm. With a reason the session is plain from here on; without, a start follows. */
  #stop(reason: PlainReason | null): void {
    this.#attempt += 1;
    const swarm = this.#swarm;
    this.#swarm = undefined;
    this.#listed.clear();
    this.#arrivals.clear();
    this.#rendition = -1;
    this.#setMode(reason === null ? 'starting' : 'plain', reason);
    if (swarm === undefined) return;
    swarm.end();
    this.#past = { ...addTotals(this.#past, swarm.stats()), links: 0, swarmSize: 0 };
  }

  #setMode(mode: Mode, reason: PlainReason | null): void {
    if (mode === this.#mode && reason === this.#reason) return;
    this.#mode = mode;
    this.#reason = reason;
    this.#events.emit('mode', { mode, reason });
  }

  /** Tells a new engine everything that is known already. */
  #feed(): void {
    this.#tellConditions();
    for (const details of playlists(this.#hls)) this.#tellPlaylist(details);
    this.#tellPlayhead();
  }

  #tellPlaylist(details: LevelDetails): void {
    const rendition = this.#renditionOf(details.url);
    if (this.#swarm === undefined || rendition < 0) return;
    const rows = rowsAfter(details.fragments, rendition, this.#listed.get(rendition) ?? -1);
    if (rows.length > 0) this.#listed.set(rendition, details.endSN);
    if (rows.length > 0 || !details.live) this.#swarm.playlist(rows, !details.live);
  }

  #tellPlayhead(): void {
    if (this.#swarm === undefined) return;
    const where = position(this.#hls);
    if (where !== undefined) this.#swarm.playhead(where.at, where.bufferedUntil, where.playing);
  }

  #tellConditions(): void {
    this.#swarm?.conditions(this.#conditions.background, this.#mayUpload());
  }

  #mayUpload(): boolean {
    const { upload } = this.#settings;
    return (upload === 'visible' ? !this.#conditions.background : upload) && !this.#conditions.spare;
  }

  #renditionOf(playlist: string): number {
    const bare = bareUrl(playlist);
    return this.#descriptor?.renditions.findIndex((rendition) => bareUrl(rendition.playlist) === bare) ?? -1;
  }

  #segmentUrl(rendition: number, segment: number): string | undefined {
    const playlist = playlists(this.#hls).find(({ url }) => this.#renditionOf(url) === rendition);
    return playlist?.fragments.find(({ sn }) => sn === segment)?.url;
  }
}

/** A source on a video element: by hls.js and the swarm, or by the browser's own HLS; it comes back by itself. */

import type Hls from 'hls.js';
import type { ErrorData, Events, HlsConfig } from 'hls.js';
import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { lacking } from '../internal/module.js';
import { retryMs } from '../internal/retry.js';
import { attach } from '../public/attach.js';
import type { Options, PlayState, Session, SessionError, SessionEvents } from '../public/types.js';
import { playState } from './state.js';

const ERROR = 'hlsError' as Events.ERROR;
const MANIFEST_PARSED = 'hlsManifestParsed' as Events.MANIFEST_PARSED;
const LEVEL_LOADED = 'hlsLevelLoaded' as Events.LEVEL_LOADED;
const HLS_TYPE = 'application/vnd.apple.mpegurl';
/** Media behind the picture that stays in memory: enough to seek back a little. */
const BACK_BUFFER_SECONDS = 30;
/** A stream that comes back is seen again within seconds; a playlist that is absent costs a server next to nothing. */
const RETRY_MS_MAX = 6_000;
/** How often a finished stream is looked at: it may go on air again. */
const ENDED_POLL_MS = 8_000;
/** A playlist that takes longer is not there. */
const PROBE_MS_MAX = 5_000;
/** A decoder that fails again so soon is not helped by a second recovery. */
const RECOVERY_MS = 10_000;
const VIDEO_EVENTS = ['playing', 'pause', 'play', 'waiting', 'ended', 'timeupdate', 'loadeddata', 'seeking', 'seeked', 'emptied'];

/** What the element is told. */
export interface PlaybackEvents {
  state: PlayState;
  session: Session | null;
  error: SessionError;
  /** The browser plays by itself: there is no session that would say so. */
  mode: SessionEvents['mode'];
  levels: undefined;
  /** The browser allowed the picture to start without sound only. */
  silenced: undefined;
}

export class Playback {
  readonly events = new Emitter<PlaybackEvents>();
  readonly #video: HTMLVideoElement;
  readonly #lifetime = new Lifetime();
  /** Of the present source. */
  #source = new Lifetime();
  #src = '';
  #request: Options['request'];
  #hls: Hls | undefined;
  #session: Session | null = null;
  #state: PlayState = 'idle';
  #supported = true;
  #hasPlayed = false;
  #broken = false;
  #attempt = 0;
  #recoveredMs = -Infinity;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    for (const name of VIDEO_EVENTS) this.#lifetime.listen(video, name, () => { this.#refresh(); });
    // Browsers pause a page that is put away, and leave it so when it is taken out.
    let played = false;
    this.#lifetime.listen(window, 'pagehide', () => { played = !video.paused; });
    this.#lifetime.listen(window, 'pageshow', (event) => {
      if (played && (event as PageTransitionEvent).persisted) this.#autoplay();
    });
  }

  get state(): PlayState {
    return this.#state;
  }

  get session(): Session | null {
    return this.#session;
  }

  get hls(): Hls | undefined {
    return this.#hls;
  }

  /** Loads a source in place of the one before; an empty one unloads. */
  async load(src: string, options: Options): Promise<void> {
    this.unload();
    this.#src = src;
    this.#request = options.request;
    this.#refresh();
    if (src === '') return;
    if (lacking() === 'no-mse') {
      this.#loadNatively();
      return;
    }
    await this.#loadLibrary(this.#source, options);
  }

  async #loadLibrary(source: Lifetime, options: Options): Promise<void> {
    const loaded = await import('./hls.js').catch((cause: unknown) => {
      this.events.emit('error', { code: 'playback', message: 'hls.js could not be loaded', cause });
    });
    if (source !== this.#source) return;
    if (loaded === undefined) {
      const wait = retryMs(this.#attempt++, RETRY_MS_MAX);
      source.after(wait, () => { void this.#loadLibrary(source, options); });
    } else if (loaded.Hls.isSupported()) this.#loadByHls(loaded.Hls, options);
    else this.#loadNatively();
  }

  /** Lets go of the source: the session, the instance, the timers. */
  unload(): void {
    this.#source.end();
    this.#source = new Lifetime();
    this.#session?.destroy();
    this.#hls?.destroy();
    this.#hls = undefined;
    if (this.#session !== null) {
      this.#session = null;
      this.events.emit('session', null);
    }
    this.#src = '';
    this.#hasPlayed = this.#broken = false;
    this.#supported = true;
    this.#attempt = 0;
    if (this.#video.hasAttribute('src')) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    this.#refresh();
  }

  /** The end: nothing of it is left. */
  destroy(): void {
    this.unload();
    this.#lifetime.end();
    this.events.clear();
  }

  #loadByHls(HlsClass: typeof Hls, options: Options): void {
    // The first segment does not wait for the video element to open, nor then for hls.js to look again, every 100 ms.
    const config: Partial<HlsConfig> = { backBufferLength: BACK_BUFFER_SECONDS, lowLatencyMode: false, startFragPrefetch: true };
    const { request } = options;
    if (request !== undefined) {
      config.xhrSetup = (xhr, url) => {
        const { credentials, headers } = request(url);
        xhr.open('GET', url);
        xhr.withCredentials = credentials === 'include';
        new Headers(headers).forEach((value, name) => { xhr.setRequestHeader(name, value); });
      };
    }
    const hls = new HlsClass(config);
    this.#hls = hls;
    this.#session = attach(hls, options);
    this.events.emit('session', this.#session);
    hls.on(ERROR, (_, data) => { this.#onError(hls, data); });
    hls.on(MANIFEST_PARSED, () => {
      this.events.emit('levels', undefined);
      if (this.#video.autoplay && this.#video.paused) this.#autoplay();
    });
    hls.on(LEVEL_LOADED, () => { this.#mended(); });
    this.#lookAgain(() => hls.latestLevelDetails?.url, () => { hls.loadSource(this.#src); });
    hls.loadSource(this.#src);
    hls.attachMedia(this.#video);
  }

  #loadNatively(): void {
    const video = this.#video;
    this.#supported = video.canPlayType(HLS_TYPE) !== '';
    if (this.#supported) {
      const load = (): void => {
        video.src = this.#src;
        if (video.autoplay || this.#hasPlayed) this.#autoplay();
      };
      this.#source.listen(video, 'error', () => { this.#again(load); });
      this.#source.listen(video, 'loadeddata', () => { this.#mended(); });
      this.#lookAgain(() => new URL(this.#src, document.baseURI).href, load);
      load();
      this.events.emit('mode', { mode: 'plain', reason: 'no-mse' });
    }
    this.#refresh();
  }

  /** Browsers let a page start a picture by itself only without sound. */
  #autoplay(): void {
    const video = this.#video;
    video.play().catch((error: unknown) => {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError' || video.muted) return;
      video.muted = true;
      this.events.emit('silenced', undefined);
      video.play().catch(() => undefined);
    });
  }

  #onError(hls: Hls, data: ErrorData): void {
    if (!data.fatal) {
      this.#refresh();
      return;
    }
    const now = performance.now();
    if (data.type === ('mediaError' as typeof data.type) && now - this.#recoveredMs > RECOVERY_MS) {
      this.#recoveredMs = now;
      hls.recoverMediaError();
      return;
    }
    this.events.emit('error', { code: 'playback', message: `hls.js: ${data.details}`, cause: data.error });
    this.#again(() => { void this.#reload(hls); });
  }

  /** Loading anew clears the picture: first it is asked whether there is anything to load. */
  async #reload(hls: Hls): Promise<void> {
    const there = await this.#playlistAt(this.#src);
    if (this.#hls !== hls) return;
    if (there === undefined) this.#again(() => { void this.#reload(hls); });
    else hls.loadSource(this.#src);
  }

  #again(act: () => void): void {
    this.#broken = true;
    this.#source.after(retryMs(this.#attempt++, RETRY_MS_MAX), act);
    this.#refresh();
  }

  #mended(): void {
    this.#broken = false;
    this.#attempt = 0;
    this.#refresh();
  }

  /** A stream that has ended may go on air again: its playlist then has no EXT-X-ENDLIST any more. */
  #lookAgain(place: () => string | undefined, load: () => void): void {
    const source = this.#source;
    const look = async (): Promise<void> => {
      const url = place();
      if (this.#state !== 'ended' || url === undefined) return;
      let playlist = await this.#playlistAt(url);
      const variant = /^#EXT-X-STREAM-INF.*\s+(\S+)/m.exec(playlist ?? '')?.[1];
      if (variant !== undefined) playlist = await this.#playlistAt(new URL(variant, url).href);
      if (source !== this.#source || (playlist?.includes('#EXT-X-ENDLIST') ?? true)) return;
      load();
      this.#autoplay();
    };
    source.every(ENDED_POLL_MS, () => { void look(); });
  }

  /** The playlist's text; `undefined` where there is none. */
  async #playlistAt(url: string): Promise<string | undefined> {
    try {
      const init: RequestInit = { ...this.#request?.(url), cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS_MAX) };
      const response = await fetch(url, init);
      const text = response.ok ? await response.text() : '';
      return text.startsWith('#EXTM3U') ? text : undefined;
    } catch {
      return undefined;
    }
  }

  #refresh(): void {
    const video = this.#video;
    const details = this.#hls?.latestLevelDetails;
    const ready = video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA;
    if (ready && !video.paused) this.#hasPlayed = true;
    const state = playState({
      hasSource: this.#src !== '',
      supported: this.#supported,
      hasPlayed: this.#hasPlayed,
      broken: this.#broken,
      misses: details?.misses ?? 0,
      // A browser that plays by itself has ended only where the stream has.
      endList: this.#hls === undefined || details?.live === false,
      paused: video.paused && !video.ended,
      ended: video.ended,
      ready,
    });
    if (state === this.#state) return;
    this.#state = state;
    this.events.emit('state', state);
  }
}

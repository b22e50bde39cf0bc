/** A source on a video element: by hls.js and the swarm, or by the browser's own HLS; it comes back by itself. */

import type Hls from 'hls.js';
import type { ErrorData, Events } from 'hls.js';
import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { lacking, loadModule } from '../internal/module.js';
import { attach } from '../public/attach.js';
import type { Options, PlayState, Session, SessionError } from '../public/types.js';
import { playState, retryMs } from './state.js';

const ERROR = 'hlsError' as Events.ERROR;
const MANIFEST_PARSED = 'hlsManifestParsed' as Events.MANIFEST_PARSED;
const LEVEL_LOADED = 'hlsLevelLoaded' as Events.LEVEL_LOADED;
const HLS_TYPE = 'application/vnd.apple.mpegurl';
/** Media behind the picture that stays in memory: enough to seek back a little. */
const BACK_BUFFER_SECONDS = 30;
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
    this.#refresh();
    if (src === '') return;
    const source = this.#source;
    // Both are on their way at once; the session takes up the module where its options allow it.
    if (options.p2p !== false && options.consent !== 'required' && lacking() === null) loadModule().catch(() => undefined);
    const loaded = await import('./hls.js').catch((cause: unknown) => {
      this.events.emit('error', { code: 'playback', message: 'hls.js could not be loaded', cause });
      return undefined;
    });
    if (source !== this.#source) return;
    if (loaded?.Hls.isSupported() === true) this.#loadByHls(loaded.Hls, options);
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
    const hls = new HlsClass({ backBufferLength: BACK_BUFFER_SECONDS, lowLatencyMode: false });
    this.#hls = hls;
    this.#session = attach(hls, options);
    this.events.emit('session', this.#session);
    hls.on(ERROR, (_, data) => { this.#onError(hls, data); });
    hls.on(MANIFEST_PARSED, () => {
      this.events.emit('levels', undefined);
      if (this.#video.autoplay && this.#video.paused) this.#autoplay();
    });
    hls.on(LEVEL_LOADED, () => {
      this.#broken = false;
      this.#attempt = 0;
      this.#refresh();
    });
    this.#source.every(ENDED_POLL_MS, () => { void this.#lookAgain(hls); });
    hls.loadSource(this.#src);
    hls.attachMedia(this.#video);
  }

  #loadNatively(): void {
    const video = this.#video;
    this.#supported = video.canPlayType(HLS_TYPE) !== '';
    if (this.#supported) {
      this.#source.listen(video, 'error', () => {
        this.#again(() => { video.src = this.#src; });
      });
      video.src = this.#src;
      if (video.autoplay) this.#autoplay();
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
    const there = await playlistAt(this.#src);
    if (this.#hls !== hls) return;
    if (there === undefined) this.#again(() => { void this.#reload(hls); });
    else hls.loadSource(this.#src);
  }

  #again(act: () => void): void {
    this.#broken = true;
    const wait = retryMs(this.#attempt);
    this.#attempt += 1;
    this.#refresh();
    this.#source.after(wait, act);
  }

  /** A stream that has ended may go on air again: its playlist then has no EXT-X-ENDLIST any more. */
  async #lookAgain(hls: Hls): Promise<void> {
    if (this.#state !== 'ended') return;
    const url = hls.latestLevelDetails?.url;
    if (url === undefined) return;
    const playlist = await playlistAt(url);
    if (this.#hls !== hls || (playlist?.includes('#EXT-X-ENDLIST') ?? true)) return;
    hls.loadSource(this.#src);
    this.#autoplay();
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
      endList: details?.live === false,
      paused: video.paused && !video.ended,
      ended: video.ended,
      ready,
    });
    if (state === this.#state) return;
    this.#state = state;
    this.events.emit('state', state);
  }
}

/** The playlist's text; `undefined` where there is none. */
async function playlistAt(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(PROBE_MS_MAX) });
    const text = response.ok ? await response.text() : '';
    return text.startsWith('#EXTM3U') ? text : undefined;
  } catch {
    return undefined;
  }
}

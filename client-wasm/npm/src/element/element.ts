/** `<shoal-player>`: attributes in, a picture and events out. */

import { optionsOfAttributes } from '../internal/options.js';
import type { Consent, Options, PlayState, Session, SessionEvents } from '../public/types.js';
import type { CommentsOptions, PlayerComments } from './comments-types.js';
import { Controls } from './controls.js';
import { Playback } from './playback.js';
import { STYLE } from './style.js';
import { TEMPLATE } from './template.js';

/** Events that are passed on as `shoal-` + name. */
const SESSION_EVENTS = ['peer-joined', 'peer-left', 'peer-banned', 'block', 'stats', 'mode', 'error'] as const;

/** Events of the element: each a `CustomEvent` with the session's event as its `detail`. */
export type ShoalPlayerEventMap = {
  [Name in keyof SessionEvents as `shoal-${Name}`]: CustomEvent<SessionEvents[Name]>;
} & { 'shoal-state': CustomEvent<PlayState>; 'shoal-comments': CustomEvent<PlayerComments | null> };

/** Options of the element: those of `attach`, and what comments need. */
export type ElementOptions = Options & { readonly comments?: CommentsOptions };

/** Listeners know what they are told. */
export interface ShoalPlayer {
  addEventListener<Name extends keyof (HTMLElementEventMap & ShoalPlayerEventMap)>(
    type: Name,
    listener: (this: ShoalPlayer, event: (HTMLElementEventMap & ShoalPlayerEventMap)[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions,
  ): void;
}

export class ShoalPlayer extends HTMLElement {
  static readonly observedAttributes = [
    'src', 'p2p', 'upload', 'consent', 'ice-servers', 'token', 'descriptor', 'autoplay', 'muted', 'poster', 'comments',
  ];

  /** The comments over the picture, once they are there: `shoal-comments` says when. */
  comments: PlayerComments | null = null;

  readonly #root: ShadowRoot;
  readonly #video: HTMLVideoElement;
  #playback: Playback | undefined;
  #controls: Controls | undefined;
  #options: ElementOptions = {};
  #loaded = false;
  #reloading = false;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.innerHTML = `<style>${STYLE}</style>${TEMPLATE}`;
    this.#video = this.#root.getElementById('video') as HTMLVideoElement;
  }

  /** What the stream does. */
  get state(): PlayState {
    return this.#playback?.state ?? 'idle';
  }

  /** The session of the present source: statistics, neighbours, blocks; `null` while there is none. */
  get session(): Session | null {
    return this.#playback?.session ?? null;
  }

  /** The picture. */
  get video(): HTMLVideoElement {
    return this.#video;
  }

  /** Options that attributes cannot say; attributes win where both do. Takes effect at the next load. */
  get options(): ElementOptions {
    return this.#options;
  }

  set options(options: ElementOptions) {
    this.#options = options;
    this.#reload();
  }

  get src(): string {
    return this.getAttribute('src') ?? '';
  }

  set src(src: string) {
    this.setAttribute('src', src);
  }

  get autoplay(): boolean {
    return this.hasAttribute('autoplay');
  }

  set autoplay(on: boolean) {
    this.toggleAttribute('autoplay', on);
  }

  get muted(): boolean {
    return this.#video.muted;
  }

  set muted(on: boolean) {
    this.#video.muted = on;
  }

  /** Plays; loads the source first where that has not happened. */
  async play(): Promise<void> {
    await this.#load();
    await this.#video.play();
  }

  pause(): void {
    this.#video.pause();
  }

  /** Jumps to as near the live edge as the stream is meant to be played, and plays. */
  goLive(): void {
    const edge = this.#playback?.hls?.liveSyncPosition;
    if (edge != null) this.#video.currentTime = edge;
    this.play().catch(() => undefined);
  }

  connectedCallback(): void {
    const playback = new Playback(this.#video);
    this.#playback = playback;
    this.#controls = new Controls(this.#root, playback, {
      toggle: () => { this.#toggle(); },
      goLive: () => { this.goLive(); },
    });
    for (const name of ['state', 'error', 'mode'] as const) {
      playback.events.on(name, (event) => { this.#dispatch(`shoal-${name}`, event); });
    }
    playback.events.on('silenced', () => { this.#controls?.silence(); });
    playback.events.on('session', (session) => {
      if (session === null) return;
      for (const name of SESSION_EVENTS) session.on(name, (event) => { this.#dispatch(`shoal-${name}`, event); });
    });
    if (this.hasAttribute('muted')) this.#video.muted = true;
    this.#reload();
  }

  disconnectedCallback(): void {
    this.comments?.destroy();
    this.#controls?.end();
    this.#playback?.destroy();
    this.#controls = this.#playback = undefined;
    this.#loaded = false;
  }

  attributeChangedCallback(name: string, _: string | null, value: string | null): void {
    switch (name) {
      case 'muted':
        this.#video.muted = value !== null;
        return;
      case 'poster':
        this.#showPoster(value);
        return;
      case 'autoplay':
        this.#video.autoplay = value !== null;
        break;
      case 'p2p':
        this.session?.setP2p(this.#all().p2p ?? true);
        return;
      case 'upload':
        this.session?.setUpload(this.#all().upload ?? true);
        return;
      case 'token':
        if (value !== null) this.session?.setToken(value);
        return;
      case 'comments':
        if (this.#loaded) this.#talk();
        return;
      case 'consent':
        this.session?.setConsent(this.#all().consent ?? 'not-required');
        return;
      default:
        this.#loaded = false;
    }
    this.#reload();
  }

  /** After all attributes of this turn have been set: once. */
  #reload(): void {
    if (this.#reloading) return;
    this.#reloading = true;
    queueMicrotask(() => {
      this.#reloading = false;
      // Without autoplay nothing is loaded before somebody asks for the picture.
      if (this.autoplay || (!this.#loaded && !this.#video.paused)) void this.#load();
      else if (!this.#loaded) this.#playback?.unload();
    });
  }

  async #load(): Promise<void> {
    if (this.#loaded || this.#playback === undefined) return;
    this.#loaded = true;
    this.#talk();
    await this.#playback.load(this.src, this.#all());
  }

  /** Comments are loaded where they are on. */
  #talk(): void {
    if (this.#options.comments === undefined && !this.hasAttribute('comments')) return;
    import('./comments.js').then(({ mount }) => { mount(this, () => this.#playback?.hls); }).catch((cause: unknown) => {
      this.#dispatch('shoal-error', { code: 'comments', message: 'comments could not be loaded', cause });
    });
  }

  #toggle(): void {
    if (this.#video.paused) this.play().catch(() => undefined);
    else this.pause();
  }

  /** Options and attributes. */
  #all(): Options {
    const options = { ...this.#options, ...optionsOfAttributes((name) => this.getAttribute(name)) };
    const consents: readonly Consent[] = ['not-required', 'required', 'granted'];
    if (options.consent === undefined || consents.includes(options.consent)) return options;
    // A word that means nothing must not mean consent.
    return { ...options, consent: 'required' };
  }

  #showPoster(url: string | null): void {
    const poster = this.#root.getElementById('poster');
    if (poster !== null) poster.style.backgroundImage = url === null ? '' : `url(${JSON.stringify(new URL(url, document.baseURI).href)})`;
  }

  #dispatch(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'shoal-player': ShoalPlayer;
  }
}

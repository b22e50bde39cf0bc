/** The controls: what a viewer presses, and what they are shown. */

import { EDGE_SECONDS } from '../internal/hls.js';
import { Lifetime } from '../internal/lifetime.js';
import { onKey } from './keyboard.js';
import type { QualityMenu } from './menu.js';
import type { PlayState } from '../public/types.js';
import type { Playback } from './playback.js';
import { type Icon, icon } from './template.js';

/** Controls go away when nobody has moved for so long. */
const IDLE_MS = 2_800;
/** How often the distance from live is shown anew. */
const LIVE_MS = 500;
/** When what could not be loaded is tried again. */
const RETRY_MS = 6_000;

/** What a person is told; states that speak for themselves are absent. */
const NOTICE: Partial<Record<PlayState, readonly [headline: string, detail: string]>> = {
  absent: ['The stream has not started', 'It will play here as soon as it does.'],
  dropped: ['The stream was interrupted', 'Reconnecting…'],
  ended: ['The stream has ended', 'If it comes back, so will the picture.'],
  unsupported: ['This browser cannot play the stream', 'It has neither Media Source Extensions nor HLS of its own.'],
};

/** What the controls can make the element do. */
export interface Deeds {
  /** Plays or pauses. */
  toggle(): void;
  goLive(): void;
}

export class Controls {
  readonly #root: ShadowRoot;
  readonly #video: HTMLVideoElement;
  readonly #playback: Playback;
  readonly #deeds: Deeds;
  readonly #lifetime = new Lifetime();
  #menu: QualityMenu | undefined;
  #idle: number | undefined;
  /** The browser, not the viewer, took the sound away. */
  #silenced = false;
  #ended = false;

  constructor(root: ShadowRoot, playback: Playback, deeds: Deeds) {
    this.#root = root;
    this.#video = this.#find<HTMLVideoElement>('video');
    this.#playback = playback;
    this.#deeds = deeds;
    this.#watch();
    this.#show();
  }

  end(): void {
    this.#ended = true;
    this.#lifetime.end();
  }

  #watch(): void {
    const box = this.#find('box');
    const press = (id: string, act: () => void): void => {
      this.#lifetime.listen(this.#find(id), 'click', act);
    };
    press('play', this.#deeds.toggle);
    press('big', this.#deeds.toggle);
    press('video', this.#deeds.toggle);
    press('live', this.#deeds.goLive);
    press('mute', () => { this.#mute(); });
    press('unmute', () => { this.#mute(); });
    press('full', () => { this.#full(); });
    this.#lifetime.listen(this.#find('video'), 'dblclick', () => { this.#full(); });
    this.#lifetime.listen(this.#find('volume'), 'input', (event) => {
      this.#video.volume = Number((event.target as HTMLInputElement).value);
      this.#video.muted = this.#video.volume === 0;
    });
    for (const name of ['pointermove', 'pointerdown', 'keydown', 'focusin']) {
      this.#lifetime.listen(box, name, () => { this.#wake(); });
    }
    this.#lifetime.listen(box, 'keydown', (event) => {
      onKey(event as KeyboardEvent, { ...this.#deeds, video: this.#video, mute: () => { this.#mute(); }, full: () => { this.#full(); } });
    });
    this.#lifetime.listen(this.#video, 'volumechange', () => { this.#showVolume(); });
    this.#lifetime.listen(document, 'fullscreenchange', () => { this.#showFull(); });
    for (const name of ['play', 'pause', 'loadeddata']) this.#lifetime.listen(this.#video, name, () => { this.#show(); });
    this.#lifetime.onEnd(this.#playback.events.on('state', () => { this.#show(); }));
    for (const event of ['levels', 'session'] as const) {
      this.#lifetime.onEnd(this.#playback.events.on(event, () => { void this.#offerChoice(); }));
    }
    this.#lifetime.every(LIVE_MS, () => { this.#showLive(); });
  }

  /** Many streams have one quality: the menu is loaded where there are more. */
  async #offerChoice(): Promise<void> {
    this.#menu?.fill();
    if (this.#menu !== undefined || (this.#playback.hls?.levels.length ?? 0) < 2) return;
    const loaded = await import('./menu.js').catch(() => undefined);
    if (this.#ended) return;
    if (loaded === undefined) {
      this.#lifetime.after(RETRY_MS, () => { void this.#offerChoice(); });
      return;
    }
    this.#menu ??= new loaded.QualityMenu(this.#find('quality'), this.#find('choose'), this.#find('menu'), this.#playback, (target, type, act) => {
      this.#lifetime.listen(target, type, act);
    });
  }

  #mute(): void {
    this.#silenced = false;
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 0.5;
    this.#showVolume();
  }

  #full(): void {
    const box = this.#find('box');
    if (this.#root.fullscreenElement !== null) void document.exitFullscreen();
    else if (typeof box.requestFullscreen === 'function') void box.requestFullscreen().catch(() => undefined);
    // iPhones give full screen to the video element only.
    else (this.#video as { webkitEnterFullscreen?: () => void }).webkitEnterFullscreen?.();
  }

  /** The browser refused sound without a gesture. */
  silence(): void {
    this.#silenced = true;
    this.#showVolume();
  }

  #wake(): void {
    this.#find('box').classList.remove('idle');
    this.#lifetime.cancel(this.#idle);
    this.#idle = this.#lifetime.after(IDLE_MS, () => {
      if (this.#playback.state === 'playing' && this.#menu?.open !== true) this.#find('box').classList.add('idle');
    });
  }

  #show(): void {
    const { state } = this.#playback;
    const notice = NOTICE[state];
    const asks = (state === 'paused' || state === 'idle') || (state === 'loading' && this.#video.paused && !this.#video.autoplay);
    this.#find('spinner').hidden = state !== 'stalled' && !(state === 'loading' && !asks);
    this.#find('big').hidden = !asks;
    this.#find('notice').hidden = notice === undefined;
    this.#find('headline').textContent = notice?.[0] ?? '';
    this.#find('detail').textContent = notice?.[1] ?? '';
    this.#find('poster').hidden = this.#video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    this.#face('play', this.#video.paused ? 'play' : 'pause', this.#video.paused ? 'Play' : 'Pause');
    this.#showVolume();
    this.#showLive();
    this.#wake();
  }

  #showVolume(): void {
    const muted = this.#video.muted || this.#video.volume === 0;
    this.#face('mute', muted ? 'muted' : 'volume', muted ? 'Unmute' : 'Mute');
    this.#find<HTMLInputElement>('volume').value = String(muted ? 0 : this.#video.volume);
    this.#find('unmute').hidden = !(this.#silenced && muted);
  }

  #showLive(): void {
    const hls = this.#playback.hls;
    const live = this.#find('live');
    live.hidden = hls?.latestLevelDetails?.live !== true;
    if (hls === undefined || live.hidden) return;
    const behind = Math.max(0, hls.latency);
    const edge = !this.#video.paused && behind <= (hls.targetLatency ?? 0) + EDGE_SECONDS;
    const distance = `−${behind < 60 ? `${String(Math.round(behind))} s` : `${String(Math.floor(behind / 60))} min`}`;
    live.classList.toggle('edge', edge);
    const said = edge ? 'Live' : distance;
    const text = live.querySelector('span');
    if (text !== null && text.textContent !== said) text.textContent = said;
    live.setAttribute('aria-label', edge ? 'At the live edge' : `${distance} behind; go to live`);
  }

  #showFull(): void {
    const full = this.#root.fullscreenElement !== null;
    this.#face('full', full ? 'shrink' : 'full', full ? 'Leave full screen' : 'Full screen');
  }

  #face(id: string, name: Icon, label: string): void {
    const button = this.#find(id);
    if (button.getAttribute('aria-label') === label) return;
    button.innerHTML = icon(name);
    button.setAttribute('aria-label', label);
  }

  #find<T extends HTMLElement>(id: string): T {
    const found = this.#root.getElementById(id);
    if (found === null) throw new Error(`the template has no #${id}`);
    return found as T;
  }
}

/** The layer over the picture, as the page has it: a canvas that a painter fills, and the questions that a page asks. */

import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { Announcer } from './announcer.js';
import type { Reply } from './painter.js';
import { DEFAULTS, changed } from './settings.js';
import { type Studio, openStudio } from './studio.js';
import type { Counts, Danmaku, DanmakuEvents, DanmakuOptions, Line, Settings } from './types.js';

/** Device pixels in a pixel of the page at most: beyond, nobody sees more, and memory grows with the square. */
const RATIO_MAX = 3;

export class Layer implements Danmaku {
  readonly #box: HTMLElement;
  readonly #studio: Studio;
  readonly #events = new Emitter<DanmakuEvents>();
  readonly #lifetime = new Lifetime();
  readonly #announcer: Announcer | undefined;
  readonly #asked = new Map<number, (reply: Reply) => void>();
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #settings: Settings = DEFAULTS;
  #question = 0;

  /** Rejects where no painter can be had. */
  static async open(box: HTMLElement, options: DanmakuOptions): Promise<Layer> {
    let layer: Layer | undefined;
    const studio = await openStudio((reply) => { if (layer !== undefined) layer.#hear(reply); });
    layer = new Layer(box, studio, options);
    return layer;
  }

  private constructor(box: HTMLElement, studio: Studio, options: DanmakuOptions) {
    this.#box = box;
    this.#studio = studio;
    studio.canvas.setAttribute('aria-hidden', 'true');
    studio.canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    box.append(studio.canvas);
    if (options.announce !== false) this.#announcer = new Announcer(box, this.#lifetime);
    this.configure(options.settings ?? {});
    this.#fit();
    this.#watch(options.video);
  }

  get settings(): Settings {
    return this.#settings;
  }

  push(line: Line, agoMs = 0): void {
    this.#studio.tell({ do: 'push', line, agoMs });
  }

  withdraw(id: string): void {
    this.#studio.tell({ do: 'withdraw', id });
  }

  clear(): void {
    this.#studio.tell({ do: 'clear' });
  }

  pause(): void {
    this.#studio.tell({ do: 'hold', paused: true });
  }

  resume(): void {
    this.#studio.tell({ do: 'hold', paused: false });
  }

  configure(change: Partial<Settings>): void {
    const settings = changed(this.#settings, change, (text) => { console.warn(`@shoal/player/danmaku: ${text}`); });
    this.#settings = settings;
    this.#studio.canvas.style.opacity = String(settings.opacity);
    this.#studio.canvas.hidden = !settings.on;
    this.#studio.tell({ do: 'choose', settings });
    this.#events.emit('settings', settings);
  }

  async counts(): Promise<Counts> {
    const reply = await this.#ask((question) => { this.#studio.tell({ do: 'count', question }); });
    return (reply as { readonly counts: Counts }).counts;
  }

  on<Name extends keyof DanmakuEvents>(name: Name, listener: (event: DanmakuEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  destroy(): void {
    this.#lifetime.end();
    this.#studio.end();
    this.#studio.canvas.remove();
    this.#asked.clear();
    this.#events.clear();
  }

  #watch(video: HTMLVideoElement | undefined): void {
    const sizes = new ResizeObserver(() => { this.#fit(); });
    sizes.observe(this.#box);
    this.#lifetime.onEnd(() => { sizes.disconnect(); });
    this.#lifetime.listen(this.#still, 'change', () => { this.#fit(); });
    this.#lifetime.listen(document, 'visibilitychange', () => { this.#studio.tell({ do: 'hide', hidden: document.hidden }); });
    this.#lifetime.listen(this.#box, 'click', (event) => { void this.#onClick(event as MouseEvent); });
    if (video === undefined) return;
    this.#lifetime.listen(video, 'pause', () => { this.pause(); });
    this.#lifetime.listen(video, 'playing', () => { this.resume(); });
    this.#lifetime.listen(video, 'seeking', () => { this.clear(); });
  }

  #fit(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    const ratio = Math.min(RATIO_MAX, globalThis.devicePixelRatio || 1);
    this.#studio.tell({ do: 'fit', width, height, ratio, still: this.#still.matches });
  }

  #ask(put: (question: number) => void): Promise<Reply> {
    this.#question += 1;
    const question = this.#question;
    return new Promise((resolve) => {
      this.#asked.set(question, resolve);
      put(question);
    });
  }

  #hear(reply: Reply): void {
    if ('say' in reply) {
      this.#announcer?.say(reply.say);
      return;
    }
    this.#asked.get(reply.question)?.(reply);
    this.#asked.delete(reply.question);
  }

  async #onClick(event: MouseEvent): Promise<void> {
    const { left, top } = this.#box.getBoundingClientRect();
    const [x, y] = [Math.floor(event.clientX - left), Math.floor(event.clientY - top)];
    if (x < 0 || y < 0 || !this.#settings.on) return;
    const reply = await this.#ask((question) => { this.#studio.tell({ do: 'hit', question, x, y }); });
    const { line } = reply as { readonly line: Line | null };
    if (line !== null) this.#events.emit('click', { line, x, y });
  }
}

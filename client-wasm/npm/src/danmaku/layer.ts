/** The layer over the picture, as the page has it: a canvas that a painter fills, and the questions that a page asks. */

import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { Announcer } from './announcer.js';
import type { Reply } from './painter.js';
import { Pointer } from './pointer.js';
import { DEFAULTS, changed } from './settings.js';
import { type Studio, openStudio } from './studio.js';
import type { Counts, Danmaku, DanmakuEvents, DanmakuOptions, Line, Settings, SettingsChange } from './types.js';
import { Window } from './window.js';

/** Device pixels in a pixel of the page at most: beyond, nobody sees more, and memory grows with the square. */
const RATIO_MAX = 3;

export class Layer implements Danmaku {
  readonly #box: HTMLElement;
  readonly #studio: Studio;
  readonly #options: DanmakuOptions;
  readonly #events = new Emitter<DanmakuEvents>();
  readonly #lifetime = new Lifetime();
  readonly #announcer: Announcer | undefined;
  readonly #window: Window;
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
    this.#options = options;
    studio.canvas.setAttribute('aria-hidden', 'true');
    studio.canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    box.append(studio.canvas);
    if (options.announce !== false) this.#announcer = new Announcer(box, this.#lifetime);
    this.#window = new Window(box, this.#lifetime, {
      fit: () => { this.#fit(); },
      see: () => { this.#see(); },
    });
    this.#follow();
    this.#fit();
    this.#watch(options.video);
    this.#see();
    const hit = async (x: number, y: number): Promise<Line | null> => {
      const reply = await this.#ask((question) => { this.#studio.tell({ do: 'hit', question, x, y }); });
      return (reply as { readonly line: Line | null }).line;
    };
    new Pointer(box, options.pointer ?? box, this.#lifetime, hit, (line, x, y) => { this.#events.emit('click', { line, x, y }); });
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

  configure(change: SettingsChange): void {
    const { choices } = this.#options;
    if (choices !== undefined) {
      for (const wrong of choices.change(change)) warn(wrong);
      return;
    }
    this.#choose(changed(this.#settings, change, warn));
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

  #follow(): void {
    const { choices, settings } = this.#options;
    if (choices === undefined) {
      this.configure(settings ?? {});
      return;
    }
    this.#choose(choices.settings);
    this.#lifetime.onEnd(choices.on('settings', (chosen) => { this.#choose(chosen); }));
  }

  #choose(settings: Settings): void {
    this.#settings = settings;
    this.#studio.canvas.style.opacity = String(settings.opacity);
    this.#studio.tell({ do: 'choose', settings });
    this.#see();
    this.#events.emit('settings', settings);
  }

  #watch(video: HTMLVideoElement | undefined): void {
    this.#lifetime.listen(this.#still, 'change', () => { this.#fit(); });
    if (video === undefined) return;
    if (video.paused && video.readyState > 0) this.pause();
    this.#lifetime.listen(video, 'pause', () => { this.pause(); });
    this.#lifetime.listen(video, 'playing', () => { this.resume(); });
    this.#lifetime.listen(video, 'seeking', () => { this.clear(); });
    for (const name of ['enterpictureinpicture', 'leavepictureinpicture']) {
      this.#lifetime.listen(video, name, () => { this.#see(); });
    }
  }

  /** Lines are drawn only where somebody sees them. */
  #see(): void {
    const { video } = this.#options;
    const away = video !== undefined && video === (video.getRootNode() as Document | ShadowRoot).pictureInPictureElement;
    this.#studio.canvas.hidden = !this.#settings.on || away;
    this.#studio.tell({ do: 'hide', hidden: this.#window.hidden || away });
  }

  #fit(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    const ratio = Math.min(RATIO_MAX, this.#window.ratio);
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
}

function warn(text: string): void {
  console.warn(`@shoal/player/danmaku: ${text}`);
}

/**
 * The layer over the picture: a canvas, the lines' pictures, and a frame loop that stands still while nothing moves.
 *
 * The module decides where each line is; here it is only measured, drawn and moved. **Invariant:** nothing runs while no line
 * is on the screen, while the tab is hidden, or after `destroy`.
 */

import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { Announcer } from './announcer.js';
import type { Comments } from './module.js';
import { DEFAULTS, changed } from './settings.js';
import { type Look, type Sprite, Sprites } from './sprites.js';
import type { Counts, Danmaku, DanmakuEvents, DanmakuOptions, DropReason, Line, LineClass, LineKind, Settings } from './types.js';

const KINDS: readonly LineKind[] = ['scroll', 'top', 'bottom', 'paid'];
const CLASSES: readonly LineClass[] = ['control', 'paid', 'own', 'chat', 'ambient'];
const REASONS: readonly DropReason[] = ['full', 'crowded', 'blocked', 'unwanted', 'merged', 'withdrawn', 'late'];
/** Why the page itself keeps a line away, as the module numbers it. */
const REFUSED = { blocked: 0, merged: 1 } as const;
/** Text is cut here: nobody reads more in the time that it is there. */
const CHARS_MAX = 200;
/** Of the picture's height, and in pixels. */
const FONT_SHARE = 1 / 18;
const FONT_PX_MIN = 15;

/** A line that is on the screen or waits to be. */
interface Entry {
  readonly line: Line;
  look: Look;
  widthPx: number;
  sprite: Sprite | undefined;
  times: number;
}

export class Layer implements Danmaku {
  readonly #box: HTMLElement;
  readonly #canvas = document.createElement('canvas');
  readonly #pen: CanvasRenderingContext2D | null;
  readonly #comments: Comments;
  readonly #sprites = new Sprites();
  readonly #events = new Emitter<DanmakuEvents>();
  readonly #lifetime = new Lifetime();
  readonly #announcer: Announcer | undefined;
  readonly #entries = new Map<number, Entry>();
  readonly #byId = new Map<string, number>();
  readonly #still: MediaQueryList;
  #settings: Settings = DEFAULTS;
  #expressions: readonly RegExp[] = [];
  #next = 1;
  #frame: number | undefined;
  #paused = false;
  #ratio = 1;

  constructor(box: HTMLElement, comments: Comments, options: DanmakuOptions) {
    this.#box = box;
    this.#comments = comments;
    this.#canvas.setAttribute('aria-hidden', 'true');
    this.#canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;pointer-events:none';
    this.#pen = this.#canvas.getContext('2d');
    this.#still = matchMedia('(prefers-reduced-motion: reduce)');
    box.append(this.#canvas);
    if (options.announce !== false) this.#announcer = new Announcer(box, this.#lifetime);
    this.configure(options.settings ?? {});
    this.#watch(options.video);
  }

  get settings(): Settings {
    return this.#settings;
  }

  push(line: Line, agoMs = 0): void {
    if (!this.#settings.on || (line.id !== undefined && this.#byId.has(line.id))) return;
    const text = line.text.replace(/\s+/gu, ' ').trim().slice(0, CHARS_MAX);
    if (text === '') return;
    const kind = place(CLASSES, line.class, 'chat');
    if (this.#isBlocked(text, line.person)) {
      this.#comments.refuse(kind, REFUSED.blocked);
      return;
    }
    const [now, id] = [performance.now(), this.#next];
    const [repeated, times] = line.class === 'own' || line.kind === 'paid' ? [] : this.#comments.repeats(text, id, now);
    if (repeated !== undefined && this.#again(repeated, times ?? 2)) {
      this.#comments.refuse(kind, REFUSED.merged);
      return;
    }
    this.#next = (this.#next % 0x7fff_ffff) + 1;
    const look = { text, color: line.color ?? '#ffffff', framed: line.class === 'own' || line.kind === 'paid' };
    const entry: Entry = { line, look, widthPx: 0, sprite: undefined, times: 1 };
    entry.widthPx = this.#width(entry);
    this.#entries.set(id, entry);
    if (line.id !== undefined) this.#byId.set(line.id, id);
    this.#comments.take(id, this.#kind(line), kind, entry.widthPx, line.holdMs ?? 0, agoMs, now);
    this.#announcer?.say(line.name, text);
    this.#forget();
    this.#run();
  }

  withdraw(id: string): void {
    const at = this.#byId.get(id);
    if (at === undefined) return;
    this.#comments.withdraw(at);
    this.#forget();
    this.#run();
  }

  clear(): void {
    this.#comments.clear();
    this.#forget();
    this.#run();
  }

  pause(): void {
    this.#hold(true);
  }

  resume(): void {
    this.#hold(false);
  }

  configure(change: Partial<Settings>): void {
    const after = changed(this.#settings, change, (text) => { console.warn(`@shoal/player/danmaku: ${text}`); });
    this.#settings = after;
    this.#expressions = after.expressions.map((source) => new RegExp(source, 'iu'));
    this.#comments.clearRules();
    for (const word of after.words) this.#comments.blockWord(word);
    for (const person of after.people) this.#comments.blockPerson(person);
    this.#canvas.style.opacity = String(after.opacity);
    this.#canvas.hidden = !after.on;
    if (!after.on) this.clear();
    this.#arrange();
    this.#events.emit('settings', after);
  }

  counts(): Counts {
    const numbers = this.#comments.counts();
    const [taken = 0, shown = 0, cutShort = 0, waiting = 0] = numbers;
    const row = (at: number): Record<DropReason, number> =>
      Object.fromEntries(REASONS.map((reason, n) => [reason, numbers[4 + at * REASONS.length + n] ?? 0])) as Record<DropReason, number>;
    const dropped = Object.fromEntries(CLASSES.map((name, at) => [name, row(at)])) as Counts['dropped'];
    return { taken, shown, cutShort, waiting, dropped };
  }

  on<Name extends keyof DanmakuEvents>(name: Name, listener: (event: DanmakuEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  destroy(): void {
    this.#lifetime.end();
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    this.#canvas.remove();
    [this.#canvas.width, this.#canvas.height] = [0, 0];
    for (const { sprite } of this.#entries.values()) if (sprite !== undefined) this.#sprites.release(sprite);
    this.#sprites.end();
    this.#entries.clear();
    this.#byId.clear();
    this.#events.clear();
    this.#comments.free();
  }

  #watch(video: HTMLVideoElement | undefined): void {
    const sizes = new ResizeObserver(() => { this.#arrange(); });
    sizes.observe(this.#box);
    this.#lifetime.onEnd(() => { sizes.disconnect(); });
    this.#lifetime.listen(this.#still, 'change', () => { this.#arrange(); });
    this.#lifetime.listen(document, 'visibilitychange', () => { this.#run(); });
    this.#lifetime.listen(this.#box, 'click', (event) => { this.#onClick(event as MouseEvent); });
    if (video === undefined) return;
    this.#lifetime.listen(video, 'pause', () => { this.pause(); });
    this.#lifetime.listen(video, 'playing', () => { this.resume(); });
    this.#lifetime.listen(video, 'seeking', () => { this.clear(); });
  }

  #hold(paused: boolean): void {
    this.#paused = paused;
    this.#comments.pause(paused, performance.now());
    this.#run();
  }

  /** Measures everything anew: another size of the box, another font, other choices. */
  #arrange(): void {
    const { width, height } = this.#box.getBoundingClientRect();
    this.#ratio = Math.min(3, globalThis.devicePixelRatio || 1);
    [this.#canvas.width, this.#canvas.height] = [Math.round(width * this.#ratio), Math.round(height * this.#ratio)];
    const { area, speed, density, scroll, top, bottom, paid, merge, font, size } = this.#settings;
    const fontPx = Math.round(Math.max(FONT_PX_MIN, height * FONT_SHARE) * size);
    this.#sprites.face = { fontPx, family: font, ratio: this.#ratio };
    const ids = [...this.#entries.keys()].sort((one, other) => one - other);
    const widths = new Uint32Array(ids.length * 2);
    for (const [at, id] of ids.entries()) {
      const entry = this.#entries.get(id) as Entry;
      this.#unsprite(entry);
      entry.widthPx = this.#width(entry);
      widths.set([id, entry.widthPx], at * 2);
    }
    const kinds = [scroll, top, bottom, paid, merge].map(Number);
    const numbers = [Math.floor(width), Math.floor(height), this.#sprites.rowPx, area * 100, speed * 100, density, ...kinds];
    this.#comments.arrange(Float64Array.from(numbers), widths, performance.now());
    this.#forget();
    this.#draw();
    this.#run();
  }

  #kind(line: Line): number {
    const kind = place(KINDS, line.kind, 'scroll');
    // Who wants no motion reads lines that stand.
    return this.#still.matches && kind === 0 ? 1 : kind;
  }

  #isBlocked(text: string, person = 0): boolean {
    return !this.#comments.allows(text, person) || this.#expressions.some((expression) => expression.test(text));
  }

  /** Counts up the line that is there already; false where it is gone. */
  #again(id: number, times: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.times = times;
    this.#unsprite(entry);
    return true;
  }

  #look(entry: Entry): Look {
    const { look, times } = entry;
    const text = times > 1 ? `${look.text} ×${String(Math.min(times, TIMES_MAX))}` : look.text;
    return { ...look, text, color: this.#settings.colors || look.framed ? look.color : '#ffffff' };
  }

  /** With room for its count, where lines are merged: it must not grow into the next one. */
  #width({ look }: Entry): number {
    const merged = this.#settings.merge && !look.framed;
    return this.#sprites.measure(merged ? { ...look, text: `${look.text} ×${String(TIMES_MAX)}` } : look);
  }

  #unsprite(entry: Entry): void {
    if (entry.sprite !== undefined) this.#sprites.release(entry.sprite);
    entry.sprite = undefined;
  }

  #forget(): void {
    for (const id of this.#comments.gone()) {
      const entry = this.#entries.get(id);
      if (entry === undefined) continue;
      this.#unsprite(entry);
      this.#entries.delete(id);
      if (entry.line.id !== undefined) this.#byId.delete(entry.line.id);
    }
  }

  /** One frame from now, unless one is planned already or nothing moves. */
  #run(): void {
    if (this.#frame !== undefined || document.hidden) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#draw();
      if (!this.#paused && !this.#comments.isStill()) this.#run();
    });
  }

  #draw(): void {
    const pen = this.#pen;
    if (pen === null) return;
    const places = this.#comments.frame(performance.now());
    this.#forget();
    pen.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const [ratio, width] = [this.#ratio, this.#canvas.width];
    for (let at = 0; at < places.length; at += 3) {
      const [id, left, top] = [places[at] as number, (places[at + 1] as number) * ratio, (places[at + 2] as number) * ratio];
      const entry = this.#entries.get(id);
      // What is still to the right of the stage needs no picture yet.
      if (entry === undefined || left >= width) continue;
      entry.sprite ??= this.#sprites.draw(this.#look(entry), entry.widthPx);
      pen.drawImage(entry.sprite, left, top);
    }
  }

  #onClick(event: MouseEvent): void {
    const { left, top } = this.#box.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    if (x < 0 || y < 0 || !this.#settings.on) return;
    const entry = this.#entries.get(this.#comments.hit(Math.floor(x), Math.floor(y)));
    if (entry !== undefined) this.#events.emit('click', { line: entry.line, x, y });
  }
}

/** A count is shown up to here: the room for it is kept from the start. */
const TIMES_MAX = 99;

function place<Name>(names: readonly Name[], name: Name | undefined, usual: Name): number {
  const at = names.indexOf(name ?? usual);
  return at < 0 ? names.indexOf(usual) : at;
}

/**
 * Lines on a canvas: measured, drawn once, and moved by the module's word. Runs in a worker where the browser lets it, so
 * that the page's own thread has nothing to do for a frame; else in the page.
 *
 * **Invariant:** nothing runs while no line is on the screen, while the page is hidden, or after the end.
 */

import type { Filter } from './filter.js';
import type { Comments } from './module.js';
import { DEFAULTS } from './settings.js';
import { type Look, type Sprite, Sprites } from './sprites.js';
import { lineText } from './text.js';
import type { Counts, DropReason, Line, LineClass, LineKind, Settings } from './types.js';

/** What the page tells the painter. */
export type Word =
  | { readonly do: 'push'; readonly line: Line; readonly agoMs: number }
  | { readonly do: 'withdraw'; readonly id: string }
  | { readonly do: 'clear' | 'end' }
  | { readonly do: 'hold'; readonly paused: boolean }
  | { readonly do: 'hide'; readonly hidden: boolean }
  | { readonly do: 'choose'; readonly settings: Settings }
  | { readonly do: 'fit'; readonly width: number; readonly height: number; readonly ratio: number; readonly still: boolean }
  | { readonly do: 'hit'; readonly question: number; readonly x: number; readonly y: number }
  | { readonly do: 'count'; readonly question: number };

/** What the painter tells the page. */
export type Reply =
  | { readonly question: number; readonly line: Line | null }
  | { readonly question: number; readonly counts: Counts }
  | { readonly say: string };

const KINDS: readonly LineKind[] = ['scroll', 'top', 'bottom', 'paid'];
const CLASSES: readonly LineClass[] = ['control', 'paid', 'own', 'chat', 'ambient'];
const REASONS: readonly DropReason[] = ['full', 'crowded', 'blocked', 'unwanted', 'merged', 'withdrawn', 'late'];
/** Why the page itself keeps a line away, as the module numbers it. */
const REFUSED = { blocked: 0, merged: 1 } as const;
/** Of the picture's height, and in pixels. */
const FONT_SHARE = 1 / 18;
const FONT_PX_MIN = 15;
/** A count is shown up to here: the room for it is kept from the start. */
const TIMES_MAX = 99;
/** Between two lines for screen readers: a reader speaks about three words a second. */
const SAY_EVERY_MS = 2_000;

/** What decides: made by the module. */
export interface Stage {
  readonly comments: Comments;
  readonly filter: Filter;
}

/** A line that is on the screen or waits to be. */
interface Entry {
  readonly line: Line;
  readonly look: Look;
  widthPx: number;
  sprite: Sprite | undefined;
  times: number;
}

export class Painter {
  readonly #canvas: Sprite;
  readonly #pen: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  readonly #comments: Comments;
  readonly #filter: Filter;
  readonly #reply: (reply: Reply) => void;
  readonly #sprites = new Sprites();
  readonly #entries = new Map<number, Entry>();
  readonly #byId = new Map<string, number>();
  #settings: Settings = DEFAULTS;
  #box = { width: 0, height: 0, ratio: 1, still: false };
  #next = 1;
  #frame: number | undefined;
  #paused = false;
  #hidden = false;
  #saidMs = -Infinity;

  constructor(canvas: Sprite, { comments, filter }: Stage, reply: (reply: Reply) => void) {
    this.#canvas = canvas;
    this.#pen = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
    this.#comments = comments;
    this.#filter = filter;
    this.#reply = reply;
  }

  hear(word: Word): void {
    switch (word.do) {
      case 'push':
        this.#push(word.line, word.agoMs);
        break;
      case 'withdraw':
        this.#withdraw(word.id);
        break;
      case 'clear':
        this.#comments.clear();
        break;
      case 'hold':
        this.#paused = word.paused;
        this.#comments.pause(word.paused, performance.now());
        break;
      case 'hide':
        this.#hidden = word.hidden;
        break;
      case 'choose':
        this.#choose(word.settings);
        break;
      case 'fit':
        this.#box = word;
        this.#arrange();
        break;
      case 'hit':
        this.#reply({ question: word.question, line: this.#entries.get(this.#comments.hit(word.x, word.y))?.line ?? null });
        return;
      case 'count':
        this.#reply({ question: word.question, counts: this.#counts() });
        return;
      case 'end':
        this.#end();
        return;
    }
    this.#forget();
    this.#run();
  }

  #push(line: Line, agoMs: number): void {
    if (!this.#settings.on || (line.id !== undefined && this.#byId.has(line.id))) return;
    const text = lineText(line.text);
    if (text === '') return;
    const rank = place(CLASSES, line.class, 'chat');
    if (line.class !== 'own' && !this.#filter.allows(text, line.person)) {
      this.#comments.refuse(rank, REFUSED.blocked);
      return;
    }
    const [now, id] = [performance.now(), this.#next];
    const frame = line.kind === 'paid' ? 'paid' : line.class === 'own' ? 'own' : 'none';
    const [repeated, times = 2] = frame === 'none' ? this.#comments.repeats(text, id, now) : [];
    if (repeated !== undefined && this.#again(repeated, times)) {
      this.#comments.refuse(rank, REFUSED.merged);
      return;
    }
    this.#next = (this.#next % 0x7fff_ffff) + 1;
    const kind = this.#kind(line);
    const look: Look = { text, color: line.color ?? '#ffffff', frame, centred: kind === 1 || kind === 2 };
    const entry: Entry = { line, look, widthPx: 0, sprite: undefined, times: 1 };
    entry.widthPx = this.#width(entry);
    this.#entries.set(id, entry);
    if (line.id !== undefined) this.#byId.set(line.id, id);
    this.#comments.take(id, kind, rank, entry.widthPx, line.holdMs ?? 0, agoMs, now);
    if (now - this.#saidMs >= SAY_EVERY_MS) {
      this.#saidMs = now;
      this.#reply({ say: line.name === undefined ? text : `${line.name}: ${text}` });
    }
  }

  #withdraw(id: string): void {
    const at = this.#byId.get(id);
    if (at !== undefined) this.#comments.withdraw(at);
  }

  #choose(settings: Settings): void {
    this.#settings = settings;
    this.#filter.choose(settings);
    this.#unshow();
    if (!settings.on) this.#comments.clear();
    this.#arrange();
  }

  #counts(): Counts {
    const numbers = this.#comments.counts();
    const [taken = 0, shown = 0, cutShort = 0, waiting = 0] = numbers;
    const row = (at: number): Record<DropReason, number> =>
      Object.fromEntries(REASONS.map((reason, n) => [reason, numbers[4 + at * REASONS.length + n] ?? 0])) as Record<DropReason, number>;
    const dropped = Object.fromEntries(CLASSES.map((name, at) => [name, row(at)])) as Counts['dropped'];
    return { taken, shown, cutShort, waiting, dropped };
  }

  /** Measures everything anew: another size of the box, another font, other choices. */
  #arrange(): void {
    const { width, height, ratio } = this.#box;
    [this.#canvas.width, this.#canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    const { area, speed, density, scroll, top, bottom, paid, merge, font, size } = this.#settings;
    const fontPx = Math.round(Math.max(FONT_PX_MIN, height * FONT_SHARE) * size);
    this.#sprites.face = { fontPx, family: font, ratio };
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
    if (!this.#hidden) this.#draw();
  }

  #kind(line: Line): number {
    const kind = place(KINDS, line.kind, 'scroll');
    // Who wants no motion reads lines that stand.
    return this.#box.still && kind === 0 ? 1 : kind;
  }

  /** What the viewer has just blocked leaves the screen, too. */
  #unshow(): void {
    for (const [id, { line, look }] of this.#entries) {
      if (line.class !== 'own' && !this.#filter.allows(look.text, line.person)) this.#comments.withdraw(id);
    }
    this.#forget();
  }

  /** Counts up the line that is there already; false where it is gone. */
  #again(id: number, times: number): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    entry.times = times;
    this.#unsprite(entry);
    return true;
  }

  #look({ look, times }: Entry): Look {
    const text = times > 1 ? `${look.text} ×${String(Math.min(times, TIMES_MAX))}` : look.text;
    return { ...look, text, color: this.#settings.colors || look.frame !== 'none' ? look.color : '#ffffff' };
  }

  /** With room for its count, where lines are merged: it must not grow into the next one. */
  #width({ look }: Entry): number {
    const merged = this.#settings.merge && look.frame === 'none';
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

  /** One frame from now, unless one is planned already or nobody looks. */
  #run(): void {
    if (this.#frame !== undefined || this.#hidden) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = undefined;
      // Planned before they looked away: whoever comes back plans another.
      if (this.#hidden) return;
      this.#draw();
      if (!this.#paused && !this.#comments.isStill()) this.#run();
    });
  }

  #draw(): void {
    const pen = this.#pen;
    if (pen === null) return;
    const places = this.#comments.frame(performance.now());
    this.#forget();
    const { width, height } = this.#canvas;
    const { ratio } = this.#box;
    pen.clearRect(0, 0, width, height);
    for (let at = 0; at < places.length; at += 3) {
      const [id, left, top] = [places[at] as number, (places[at + 1] as number) * ratio, (places[at + 2] as number) * ratio];
      const entry = this.#entries.get(id);
      // What is still to the right of the stage needs no picture yet.
      if (entry === undefined || left >= width) continue;
      entry.sprite ??= this.#sprites.draw(this.#look(entry), entry.widthPx);
      pen.drawImage(entry.sprite, left, top);
    }
  }

  #end(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    [this.#canvas.width, this.#canvas.height] = [0, 0];
    for (const { sprite } of this.#entries.values()) if (sprite !== undefined) this.#sprites.release(sprite);
    this.#sprites.end();
    this.#entries.clear();
    this.#byId.clear();
    this.#comments.free();
    this.#filter.end();
  }
}

function place<Name>(names: readonly Name[], name: Name | undefined, usual: Name): number {
  const at = names.indexOf(name ?? usual);
  return at < 0 ? names.indexOf(usual) : at;
}

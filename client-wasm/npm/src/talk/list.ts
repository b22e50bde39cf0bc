/**
 * The list of lines: at most {@link ROWS_MAX} rows, drawn once a frame however many lines come.
 *
 * It follows the newest line until the viewer scrolls up to read. From then on nothing that is on the screen moves: lines
 * wait, the newest {@link WAITING_MAX} of them, and are counted; when the viewer comes back down they are there, with a mark
 * before the first that was not seen. What comes while nobody looks at the tab is marked in the same way.
 */

import type { Lifetime } from '../internal/lifetime.js';
import { find, make, write } from './dom.js';
import type { Entry } from './entry.js';
import { type RowDeeds, fillRow, makeRow } from './row.js';

export const ROWS_MAX = 200;
export const WAITING_MAX = 200;
/** This near to the end is the end. */
const END_PX = 24;
const COUNT_MAX = 99;

/** What the list asks of whoever owns it. */
export interface ListDeeds {
  more(entry: Entry, at: HTMLElement): void;
  again(entry: Entry): void;
  /** Whether the viewer wants to read it. */
  allows(entry: Entry): boolean;
}

/** What stands in the list: a line, or a hole of so many lines. */
interface Row {
  readonly element: HTMLLIElement;
  entry: Entry | null;
  missing: number;
}

export class List {
  readonly #root: ParentNode;
  readonly #log: HTMLElement;
  readonly #list: HTMLElement;
  readonly #newer: HTMLButtonElement;
  readonly #deeds: ListDeeds;
  readonly #rows: Row[] = [];
  readonly #mark = make('li', { class: 'mark', role: 'separator' }, 'New');
  #waiting: (Entry | number)[] = [];
  #unread = 0;
  #following = true;
  /** Lines that come are marked as new: nobody looked when the first of them came. */
  #away = false;
  #frame: number | undefined;
  #me = '';

  constructor(root: ParentNode, lifetime: Lifetime, deeds: ListDeeds) {
    this.#root = root;
    this.#log = find(root, '#log');
    this.#list = find(root, 'ol');
    this.#newer = find(root, '#newer');
    this.#deeds = deeds;
    lifetime.listen(this.#log, 'scroll', () => { this.#onScroll(); }, { passive: true });
    lifetime.listen(this.#newer, 'click', () => { this.toEnd(); this.#log.focus(); });
    lifetime.listen(this.#log, 'keydown', (event) => { this.#onKey(event as KeyboardEvent); });
    lifetime.listen(document, 'visibilitychange', () => { this.#away = document.hidden; });
    const sizes = new ResizeObserver(() => { if (this.#following) this.#down(); });
    sizes.observe(this.#log);
    lifetime.onEnd(() => { sizes.disconnect(); });
    lifetime.onEnd(() => { if (this.#frame !== undefined) cancelAnimationFrame(this.#frame); });
  }

  /** The viewer's name, for what mentions it. */
  set me(name: string) {
    this.#me = name;
  }

  get lines(): readonly Entry[] {
    return this.#rows.map(({ entry }) => entry).filter((entry) => entry !== null);
  }

  /** A line; or one that is there already, moved on. */
  put(entry: Entry): void {
    const is = (other: Entry): boolean => (entry.key !== null && other.key === entry.key) || (entry.id !== null && other.id === entry.id);
    const row = this.#rows.find((one) => one.entry !== null && is(one.entry));
    if (row !== undefined) {
      row.entry = entry;
      fillRow(row.element, entry, this.#me, this.#rowDeeds);
      if (this.#following) this.#down();
      return;
    }
    const at = this.#waiting.findIndex((one) => typeof one !== 'number' && is(one));
    if (at >= 0) this.#waiting[at] = entry;
    else if (entry.own || this.#deeds.allows(entry)) this.#queue(entry, entry.own ? 0 : 1);
    // Who speaks here wants to see it; who speaks in another tab may be reading in this one.
    if (entry.key !== null && at < 0) this.toEnd();
  }

  /** Lines that did not come. */
  miss(lines: number): void {
    this.#queue(lines, 0);
  }

  withdraw(gone: (entry: Entry) => boolean): void {
    this.#keepWaiting((one) => !gone(one));
    for (const row of this.#rows.filter(({ entry }) => entry !== null && gone(entry))) this.#remove(row);
    this.#show();
  }

  /** The viewer's rules have changed: what is there is held against them. */
  judge(): void {
    for (const { element, entry } of this.#rows) if (entry !== null) element.hidden = !entry.own && !this.#deeds.allows(entry);
    this.#keepWaiting((one) => one.own || this.#deeds.allows(one));
    if (this.#following) this.#down();
    this.#show();
  }

  clear(): void {
    this.#waiting = [];
    this.#unread = 0;
    for (const row of this.#rows.splice(0)) row.element.remove();
    this.#mark.remove();
    this.#show();
  }

  toEnd(): void {
    this.#following = true;
    this.#draw();
  }

  readonly #rowDeeds: RowDeeds = {
    more: (row, button) => {
      const entry = this.#entryOf(row);
      if (entry !== null) this.#deeds.more(entry, button);
    },
    again: (row) => {
      const entry = this.#entryOf(row);
      if (entry === null) return;
      this.#remove(this.#rows.find(({ element }) => element === row) as Row);
      this.#deeds.again(entry);
    },
    dismiss: (row) => {
      const found = this.#rows.find(({ element }) => element === row);
      if (found !== undefined) this.#remove(found);
      this.#log.focus();
    },
  };

  #entryOf(row: HTMLElement): Entry | null {
    return this.#rows.find(({ element }) => element === row)?.entry ?? null;
  }

  #keepWaiting(stays: (entry: Entry) => boolean): void {
    const unread = (): number => this.#waiting.filter((one) => typeof one !== 'number' && !one.own).length;
    const before = unread();
    this.#waiting = this.#waiting.filter((one) => typeof one === 'number' || stays(one));
    this.#unread = Math.max(0, this.#unread - (before - unread()));
  }

  #queue(one: Entry | number, unread: number): void {
    this.#waiting.push(one);
    if (this.#waiting.length > WAITING_MAX) this.#waiting.shift();
    if (!this.#following || this.#away) this.#unread += unread;
    if (this.#following) this.#frame ??= requestAnimationFrame(() => { this.#draw(); });
    else this.#show();
  }

  /** What waits becomes rows, the oldest rows go, and the newest is in sight. */
  #draw(): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    this.#frame = undefined;
    const [lines, unread] = [this.#waiting, this.#unread];
    [this.#waiting, this.#unread] = [[], 0];
    const fragment = document.createDocumentFragment();
    // The mark is before the first of so many lines as were not seen; what is older than what waited cannot be marked.
    let before = lines.filter((one) => typeof one !== 'number' && !one.own).length - unread;
    let marked = unread === 0;
    for (const one of lines) {
      if (!marked && typeof one !== 'number' && !one.own && before-- <= 0) {
        fragment.append(this.#mark);
        marked = true;
      }
      this.#append(one, fragment);
    }
    this.#list.append(fragment);
    for (const row of this.#rows.splice(0, Math.max(0, this.#rows.length - ROWS_MAX))) row.element.remove();
    if (this.#list.firstElementChild === this.#mark) this.#mark.remove();
    this.#down();
    this.#show();
  }

  #append(one: Entry | number, fragment: DocumentFragment): void {
    if (typeof one !== 'number') {
      const element = makeRow(one, this.#me, this.#rowDeeds);
      this.#rows.push({ element, entry: one, missing: 0 });
      fragment.append(element);
      return;
    }
    const last = this.#rows.at(-1);
    const gap = last !== undefined && last.entry === null ? last : { element: make('li', { class: 'gap' }), entry: null, missing: 0 };
    gap.missing += one;
    write(gap.element, gap.missing === 1 ? '1 line is missing here' : `${String(gap.missing)} lines are missing here`);
    if (gap === last) return;
    this.#rows.push(gap);
    fragment.append(gap.element);
  }

  #remove(row: Row): void {
    // Who stood on it stands on the list, not at the begin of the page.
    const root = this.#log.getRootNode() as Document | ShadowRoot;
    if (row.element.contains(root.activeElement)) this.#log.focus();
    const height = row.element.offsetTop < this.#log.scrollTop ? row.element.offsetHeight : 0;
    this.#rows.splice(this.#rows.indexOf(row), 1);
    row.element.remove();
    // What is read stays where it is when a line above it goes.
    if (!this.#following && height > 0) this.#log.scrollTop -= height;
  }

  #down(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  #onScroll(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    const atEnd = scrollHeight - scrollTop - clientHeight <= END_PX;
    if (atEnd === this.#following) return;
    this.#following = atEnd;
    if (atEnd) this.#draw();
    this.#show();
  }

  #show(): void {
    this.#newer.hidden = this.#following;
    const count = this.#unread > COUNT_MAX ? `${String(COUNT_MAX)}+` : String(this.#unread);
    write(find(this.#newer, 'span'), this.#unread === 0 ? 'To the newest' : this.#unread === 1 ? '1 new line' : `${count} new lines`);
    find(this.#root, '#empty').hidden = this.#rows.length > 0;
  }

  /** Lines are walked through by arrows, and a line's menu is opened by Enter. */
  #onKey(event: KeyboardEvent): void {
    const rows = this.#rows.filter(({ entry, element }) => entry !== null && !element.hidden).map(({ element }) => element);
    const target = event.target as HTMLElement;
    const at = rows.findIndex((row) => row === target);
    if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
      const next = at < 0 ? rows.length - 1 : at + (event.key === 'ArrowUp' ? -1 : 1);
      rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
    } else if (event.key === 'End') {
      this.toEnd();
      rows.at(-1)?.focus();
    } else if (at >= 0 && (event.key === 'Enter' || event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))) {
      find<HTMLButtonElement>(rows[at] as HTMLElement, 'button.icon').click();
    } else {
      return;
    }
    event.preventDefault();
  }
}

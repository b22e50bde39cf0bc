/**
 * The menu of a line, over the picture or beside the list: answer, copy, block, report; for those who keep order, take back
 * and mute. What comes of it is said where the menu was.
 */

import { Lifetime } from '../internal/lifetime.js';
import type { Choices } from '../danmaku/types.js';
import type { Outcome, Room } from '../room/types.js';
import { make } from './dom.js';
import { inWords } from './refusals.js';
import { MENU } from './style.js';

/** A line that has a menu. */
export interface Target {
  /** The room's name for it; without one it cannot be reported or taken back. */
  readonly id: string | null;
  readonly text: string;
  readonly person: number;
  readonly name: string;
  readonly own: boolean;
}

/** What the menu can work with; what is missing is not offered. */
export interface MenuDeeds {
  readonly choices: Choices;
  readonly room: Room | null;
  /** Begins an answer; without it there is none. */
  readonly reply?: ((target: Target) => void) | undefined;
}

/** Where it opens, in pixels of the box. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** How long what came of it is there to be read. */
const SAID_MS = 2_600;
const MUTE_SECONDS = 600;
const WORD_CHARS_MAX = 64;
/** As the chat edge keeps them: a stable word each. */
const REASONS = [['spam', 'Spam'], ['abuse', 'Insult or harassment'], ['spoiler', 'Spoiler'], ['other', 'Something else']] as const;

export class LineMenu {
  readonly #box: HTMLElement | ShadowRoot;
  readonly #host = make('div', { 'data-shoal-over': '' });
  readonly #root = this.#host.attachShadow({ mode: 'open' });
  readonly #lifetime = new Lifetime();
  readonly #menu = make('div', { id: 'menu' });
  #spot: Spot = { x: 0, y: 0 };
  #closed: (() => void) | undefined;

  /** @param box what it opens in: positioned, and large enough for a menu */
  constructor(box: HTMLElement | ShadowRoot) {
    this.#box = box;
    this.#root.append(make('style', {}, MENU), this.#menu);
    // What is pressed in the menu is not pressed on the picture.
    for (const name of ['click', 'dblclick', 'pointerdown', 'keydown']) {
      this.#host.addEventListener(name, (event) => { event.stopPropagation(); });
    }
    this.#host.addEventListener('keydown', (event) => { this.#onKey(event); });
    this.#host.addEventListener('focusout', (event) => {
      if (event.relatedTarget === null || !this.#host.contains(event.relatedTarget as Node)) this.#leave();
    });
  }

  get isOpen(): boolean {
    return this.#host.isConnected;
  }

  /** Opens for a line; `closed` is called when it is gone again. */
  open(target: Target, spot: Spot, deeds: MenuDeeds, closed?: () => void): void {
    this.close();
    this.#spot = spot;
    this.#closed = closed;
    this.#offer(target, deeds);
    this.#box.append(this.#host);
    this.#place();
    this.#first();
  }

  close(): void {
    this.#lifetime.end();
    if (!this.isOpen) return;
    this.#host.remove();
    const closed = this.#closed;
    this.#closed = undefined;
    closed?.();
  }

  #offer(target: Target, deeds: MenuDeeds): void {
    const { choices, room, reply } = deeds;
    const { id, text, person, name, own } = target;
    const items: HTMLElement[] = [];
    const add = (label: string, act: () => void, danger = false): void => { items.push(item(label, act, danger)); };
    if (reply !== undefined && !own && name !== '') add('Reply', () => { this.close(); reply(target); });
    add('Copy', () => { void this.#copy(text); });
    if (!own && person !== 0) {
      add(name === '' ? 'Block this person' : `Block ${name}`, () => {
        choices.change({ people: [...choices.settings.people, { id: person, name: name.slice(0, WORD_CHARS_MAX) }] });
        this.#say(`You no longer see lines of ${name === '' ? 'this person' : name}.`);
      });
    }
    if (!own) add('Block a word…', () => { this.#askWord(text, choices); });
    if (id !== null && room !== null) this.#offerOrder(id, target, room, add);
    this.#menu.setAttribute('role', 'menu');
    this.#menu.setAttribute('aria-label', `Line of ${name === '' ? 'somebody' : name}`);
    this.#menu.replaceChildren(make('bdi', { class: 'quote' }, text), ...items);
  }

  #offerOrder(id: string, { own, person, name }: Target, room: Room, add: (label: string, act: () => void, danger?: boolean) => void): void {
    const moderator = room.me?.moderator === true;
    if (!own && room.me !== null) add('Report…', () => { this.#askReason(id, room); });
    if (own || moderator) add('Take back', () => { void this.#do(room.recall(id), 'It is taken back.'); }, true);
    if (moderator && !own && person !== 0) {
      add('Mute for 10 minutes', () => { void this.#do(room.mute(person, MUTE_SECONDS), `${name === '' ? 'This person' : name} is muted.`); }, true);
    }
  }

  #askWord(text: string, choices: Choices): void {
    const field = make('input', { maxlength: String(WORD_CHARS_MAX), 'aria-label': 'Word to block', autocomplete: 'off' });
    // Who has marked a word means that one.
    const chosen = (globalThis.getSelection?.()?.toString() ?? '').trim();
    field.value = (chosen !== '' && text.includes(chosen) ? chosen : text).slice(0, WORD_CHARS_MAX);
    const form = make('form', { 'aria-label': 'Word to block' }, field, make('button', { type: 'submit', class: 'text main' }, 'Block'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const word = field.value.trim();
      if (word === '') return;
      const wrong = choices.change({ words: [...choices.settings.words, word] });
      this.#say(wrong.length > 0 ? 'The list of words is full.' : `You no longer see lines with “${word}”.`);
    });
    this.#turn(form);
    field.focus();
    field.select();
  }

  #askReason(id: string, room: Room): void {
    this.#menu.setAttribute('aria-label', 'Why do you report it?');
    this.#menu.replaceChildren(
      make('span', { class: 'quote' }, 'Why do you report it?'),
      ...REASONS.map(([code, label]) => item(label, () => { void this.#do(room.report(id, code), 'Thank you. A moderator will look at it.'); }, false)),
    );
    this.#place();
    this.#first();
  }

  async #copy(text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      this.#say('Copied.');
    } catch {
      // Pages without TLS, or without the permission: the text is there to be copied by hand.
      const field = make('input', { readonly: '', 'aria-label': 'Text of the line' });
      field.value = text;
      this.#turn(make('form', { 'aria-label': 'Text of the line' }, field));
      field.focus();
      field.select();
    }
  }

  async #do(asked: Promise<Outcome<object>>, done: string): Promise<void> {
    this.#say('One moment…');
    const outcome = await asked;
    if (this.isOpen) this.#say(outcome.ok ? done : inWords(outcome.refusal));
  }

  /** What came of it; gone by itself. */
  #say(text: string): void {
    this.#turn(make('p', { role: 'status', tabindex: '-1' }, text));
    (this.#menu.firstElementChild as HTMLElement).focus();
    this.#lifetime.end();
    this.#lifetime.after(SAID_MS, () => { this.close(); });
  }

  #turn(content: HTMLElement): void {
    this.#menu.removeAttribute('role');
    this.#menu.replaceChildren(content);
    this.#place();
  }

  #first(): void {
    this.#menu.querySelector<HTMLElement>('[role=menuitem]')?.focus();
  }

  /** Where it was asked for, and whole in the box. */
  #place(): void {
    const box = this.#box instanceof ShadowRoot ? this.#box.host : this.#box;
    const { width, height } = box.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.#host;
    const within = (at: number, size: number, all: number): string => `${String(Math.max(8, Math.min(at, all - size - 8)))}px`;
    this.#host.style.left = within(this.#spot.x, offsetWidth, width);
    this.#host.style.top = within(this.#spot.y, offsetHeight, height);
  }

  #onKey(event: KeyboardEvent): void {
    const items = [...this.#menu.querySelectorAll<HTMLElement>('[role=menuitem]')];
    const at = items.indexOf(this.#root.activeElement as HTMLElement);
    const to: Readonly<Record<string, number>> = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 };
    const next = to[event.key];
    if (event.key === 'Escape') this.close();
    else if (next !== undefined && items.length > 0) items[next % items.length]?.focus();
    else return;
    event.preventDefault();
  }

  /** The viewer went on to something else. A part of the menu that was replaced is no such thing: its focus comes back at once. */
  #leave(): void {
    queueMicrotask(() => { if (this.#root.activeElement === null && document.hasFocus()) this.close(); });
  }
}

function item(label: string, act: () => void, danger: boolean): HTMLElement {
  const button = make('button', { type: 'button', role: 'menuitem', tabindex: '-1', ...(danger ? { class: 'danger' } : {}) }, label);
  button.addEventListener('click', act);
  return button;
}

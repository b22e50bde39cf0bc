/** `<shoal-chat>`: what a room says, beside the picture, and a box to speak in. */

import type { Filter } from '../danmaku/filter.js';
import type { Choices, Danmaku, Settings } from '../danmaku/types.js';
import { openChoices } from '../danmaku/choices.js';
import { makeFilter } from '../danmaku/module.js';
import { Lifetime } from '../internal/lifetime.js';
import type { Refusal, Room, SendOptions } from '../room/types.js';
import { Compose } from './compose.js';
import { find, upgrade, write } from './dom.js';
import { type Entry, entryOfLine, entryOfMessage, entryOfOwn } from './entry.js';
import { Herald } from './herald.js';
import { List } from './list.js';
import { LineMenu, type Target } from './menu.js';
import type { ShoalCommentSettings } from './panel.js';
import { duration, inWords, sentence } from './refusals.js';
import { COMPOSE, CHAT } from './style.js';
import { TEMPLATE } from './template.js';

/** Characters that a room takes, where the page does not say it: as the chat edge starts with. */
const LIMIT = 100;
const NAME_CHARS_MAX = 24;

/** The element's events, each a `CustomEvent`. */
export interface ShoalChatEventMap {
  /** A viewer without a name has picked one: the page gets a token for it and gives it to the room. */
  'shoal-join': CustomEvent<{ readonly name: string }>;
}

export class ShoalChat extends HTMLElement {
  static readonly observedAttributes = ['limit', 'guests'];

  readonly #root: ShadowRoot;
  readonly #own = openChoices();
  /** What ends when the element leaves the page or turns to another room. */
  #lifetime = new Lifetime();
  #parts: { readonly list: List; readonly compose: Compose; readonly herald: Herald; readonly menu: LineMenu } | undefined;
  #room: Room | null = null;
  #choices: Choices = this.#own;
  #danmaku: Danmaku | null = null;
  #filter: Filter | undefined;
  #unfollow: (() => void) | undefined;
  /** Refusals that stand in a row. */
  readonly #told = new WeakSet<Refusal>();

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.innerHTML = `<style>${CHAT}${COMPOSE}</style>${TEMPLATE}`;
  }

  /** The room that is shown and spoken in. */
  get room(): Room | null {
    return this.#room;
  }

  set room(room: Room | null) {
    this.#room = room;
    this.#begin();
  }

  /** The viewer's choices; without them the list has its own, for as long as it is there. */
  get choices(): Choices {
    return this.#choices;
  }

  set choices(choices: Choices | null) {
    this.#choices = choices ?? this.#own;
    if (this.#parts !== undefined) this.#watchChoices();
  }

  /** The layer over the picture, whose counts the settings show. */
  get danmaku(): Danmaku | null {
    return this.#danmaku;
  }

  set danmaku(danmaku: Danmaku | null) {
    this.#danmaku = danmaku;
    find<ShoalCommentSettings>(this.#root, 'shoal-comment-settings').danmaku = danmaku;
  }

  /** Begins an answer to somebody: what a line's menu over the picture does. */
  reply(to: { readonly name: string }): void {
    this.#parts?.compose.reply({ name: to.name });
  }

  connectedCallback(): void {
    upgrade(this, 'room', 'choices', 'danmaku');
    this.#begin();
  }

  disconnectedCallback(): void {
    this.#end();
  }

  attributeChangedCallback(): void {
    if (this.#parts === undefined) return;
    this.#parts.compose.limit = this.#limit;
    this.#showMe();
  }

  get #limit(): number {
    const limit = Number(this.getAttribute('limit') ?? LIMIT);
    return Number.isInteger(limit) && limit > 0 ? limit : LIMIT;
  }

  #end(): void {
    this.#parts?.menu.close();
    this.#parts?.list.clear();
    this.#lifetime.end();
    this.#filter?.end();
    this.#filter = this.#parts = undefined;
  }

  #begin(): void {
    this.#end();
    if (!this.isConnected) return;
    this.#lifetime = new Lifetime();
    const menu = new LineMenu(this.#root);
    const list = new List(this.#root, this.#lifetime, {
      more: (entry, at) => { this.#openMenu(entry, at); },
      again: (entry) => { compose.edit(entry.text); },
      allows: (entry) => this.#filter?.allows(entry.text, entry.person) ?? true,
    });
    const compose = new Compose(this.#root, this.#lifetime, {
      send: (text, options) => this.#send(text, options),
      nextSendAtMs: () => this.#room?.nextSendAtMs ?? 0,
    });
    compose.limit = this.#limit;
    this.#parts = { list, compose, herald: new Herald(find(this.#root, '#herald'), this.#lifetime), menu };
    this.#lifetime.onEnd(() => { menu.close(); });
    this.#watchPanel();
    this.#watchChoices();
    this.#lifetime.listen(find(this.#root, '#join'), 'submit', (event) => {
      event.preventDefault();
      this.#join();
    });
    if (this.#room !== null) this.#watchRoom(this.#room, list);
    this.#showState();
    this.#showMe();
  }

  #watchRoom(room: Room, list: List): void {
    const heard = (entry: Entry): void => {
      list.put(entry);
      if (!entry.past && !entry.own && (this.#filter?.allows(entry.text, entry.person) ?? true)) this.#parts?.herald.say(entry);
    };
    const on: Room['on'] = (name, listener) => {
      const off = room.on(name, listener);
      this.#lifetime.onEnd(off);
      return off;
    };
    on('line', (line) => { heard(entryOfLine(line)); });
    on('message', (message) => {
      const entry = entryOfMessage(message);
      if (entry !== null) heard(entry);
    });
    on('own', (line) => {
      list.put(entryOfOwn(line, room.me ?? { person: 0, name: '', moderator: false }));
      if (line.refusal !== null) {
        this.#told.add(line.refusal);
        this.#parts?.herald.warn(`Not sent. ${inWords(line.refusal)}`);
      }
    });
    on('withdrawn', ({ ids }) => { list.withdraw(({ id }) => id !== null && ids.includes(id)); });
    on('gap', ({ from, to, filled }) => { if (!filled) list.miss(to - from + 1); });
    on('online', () => { this.#showOnline(); });
    on('settings', () => { this.#showClosed(); });
    on('me', () => { this.#showMe(); });
    on('state', () => {
      this.#showState();
      this.#showMe();
    });
  }

  #watchChoices(): void {
    const panel = find<ShoalCommentSettings>(this.#root, 'shoal-comment-settings');
    panel.choices = this.#choices;
    const follow = (settings: Settings): void => { void this.#judge(settings); };
    this.#unfollow?.();
    this.#unfollow = this.#lifetime.onEnd(this.#choices.on('settings', follow));
    follow(this.#choices.settings);
  }

  /** The module that knows the rules is loaded when there are some. */
  async #judge(settings: Settings): Promise<void> {
    const [lifetime, rules] = [this.#lifetime, settings.words.length + settings.people.length + settings.expressions.length];
    if (this.#filter === undefined && rules > 0) {
      const made = await makeFilter().catch((cause: unknown) => {
        console.warn('@shoal/player/talk: what is blocked cannot be left out here', cause);
        return undefined;
      });
      if (lifetime !== this.#lifetime || this.#filter !== undefined) {
        made?.end();
        return;
      }
      this.#filter = made;
    }
    // Several changes may have waited for the module: the last one counts.
    this.#filter?.choose(this.#choices.settings);
    this.#parts?.list.judge();
  }

  #watchPanel(): void {
    const [panel, gear] = [find(this.#root, '#panel'), find(this.#root, '#settings')];
    const settings = find<ShoalCommentSettings>(this.#root, 'shoal-comment-settings');
    settings.danmaku = this.#danmaku;
    const show = (open: boolean): void => {
      panel.hidden = !open;
      gear.setAttribute('aria-expanded', String(open));
      (open ? settings : gear).focus();
    };
    if (settings.shadowRoot?.querySelector('#close') == null) settings.closable(() => { show(false); });
    this.#lifetime.listen(gear, 'click', () => { show(panel.hasAttribute('hidden')); });
    this.#lifetime.listen(panel, 'keydown', (event) => {
      if ((event as KeyboardEvent).key === 'Escape') show(false);
    });
  }

  #openMenu(entry: Entry, at: HTMLElement): void {
    const { left, bottom } = at.getBoundingClientRect();
    const box = this.getBoundingClientRect();
    at.setAttribute('aria-expanded', 'true');
    const deeds = { choices: this.#choices, room: this.#room, reply: this.#room?.me == null ? undefined : (target: Target) => { this.reply(target); } };
    this.#parts?.menu.open(entry, { x: left - box.left, y: bottom - box.top }, deeds, () => {
      at.setAttribute('aria-expanded', 'false');
      if (this.#root.activeElement === null) (at.closest('li') ?? find(this.#root, '#log')).focus();
    });
  }

  #send(text: string, options: SendOptions): void {
    const parts = this.#parts;
    if (this.#room === null || parts === undefined) return;
    void this.#room.send(text, options).then((outcome) => {
      if (this.#parts !== parts) return;
      // By now the room knows when the next one may be said.
      parts.compose.tell(null);
      if (outcome.ok || this.#told.has(outcome.refusal)) return;
      // It never was on its way, and is in no row: it goes back to where it can be changed.
      parts.compose.edit(text);
      parts.compose.tell(outcome.refusal);
      parts.herald.warn(`Not sent. ${inWords(outcome.refusal)}`);
    });
  }

  #join(): void {
    const field = find<HTMLInputElement>(this.#root, '#name');
    const name = field.value.trim().slice(0, NAME_CHARS_MAX);
    if (name === '') return;
    this.dispatchEvent(new CustomEvent('shoal-join', { detail: { name } }));
  }

  #showOnline(): void {
    const online = this.#room?.online ?? 0;
    write(find(this.#root, '#online'), online > 0 ? `${online.toLocaleString('en')} here` : '');
  }

  #showState(): void {
    const state = this.#room?.state;
    const said = state === undefined || state.is === 'open' || state.is === 'connecting' ? ''
      : state.is === 'waiting' ? `The connection is gone. Trying again in ${duration(Math.max(1_000, state.retryAtMs - performance.now()))}…`
        : state.is === 'refused' ? sentence(state.message) : 'The chat has ended.';
    const status = find(this.#root, '#status');
    write(status, said);
    status.hidden = said === '';
    write(find(this.#root, '#empty'), state?.is === 'connecting' ? 'Coming in…' : 'Nobody has said anything yet.');
    this.#showOnline();
  }

  #showMe(): void {
    const [me, state] = [this.#room?.me ?? null, this.#room?.state.is];
    if (this.#parts !== undefined) this.#parts.list.me = me?.name ?? '';
    find(this.#root, '#compose').hidden = me === null;
    find(this.#root, '#join').hidden = me !== null || state === 'closed' || this.#room === null || this.getAttribute('guests') === 'off';
    this.#showClosed();
  }

  #showClosed(): void {
    const [me, settings] = [this.#room?.me, this.#room?.settings];
    if (this.#parts === undefined) return;
    this.#parts.compose.closed = me == null || settings == null || me.moderator ? ''
      : settings.closed ? 'Only moderators speak now'
        : me.level < settings.levelMin ? `Level ${String(settings.levelMin)} and above speak here` : '';
    const slow = settings?.slowSeconds ?? 0;
    write(find(this.#root, '#slow'), slow > 0 && me?.moderator !== true ? `Slow mode: one line in ${duration(slow * 1_000)}` : '');
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'shoal-chat': ShoalChat;
  }
}

/** A room, as a page has it: the connection that comes back by itself, the room's order, holes mended, one's own lines. */

import type { LineClass } from '../danmaku/types.js';
import { Emitter } from '../internal/emitter.js';
import { Lifetime } from '../internal/lifetime.js';
import { retryMs } from '../internal/retry.js';
import { Api, refusalFor } from './api.js';
import { type Meaning, type Said, commentOf, count, field, meaning, settingsOf, text } from './events.js';
import { Identity, MODERATING, holder } from './identity.js';
import { Link, type Over } from './link.js';
import { Mender } from './mender.js';
import { type Hole, Order, type Place } from './order.js';
import { BACKLOG, OwnLines } from './own.js';
import type {
  HistoryPage, Me, Outcome, Refusal, Room, RoomEvents, RoomLine, RoomOptions, RoomSettings, RoomState, RoomToken, SendOptions, SendOutcome,
} from './types.js';

export const ADDRESSES_MAX = 8;
const FOLLOWS_MAX = 64;
const HISTORY_MAX = 50;
const HISTORY_DEFAULT = 20;
const SPAN_LINES_MAX = 200;
/** Between two rounds of all addresses. */
const RETRY_MS_MAX = 30_000;
/** A connection that has lived so long was no mistake: the next one is tried soon. */
const STEADY_MS = 10_000;
/** A line this much older than the newest is of the past. */
const PAST_MS = 10_000;
/** Lines taken back that are remembered, should they come later. */
const RECALLED_MAX = 1_000;

const OFFLINE: Refusal = { code: 'offline', message: 'Not connected; it is being tried again.', retryAfterMs: 1_000 };
const NOBODY: Refusal = { code: 'guest', message: 'Say who you are, then speak.', retryAfterMs: null };
const EMPTY: Refusal = { code: 'empty', message: 'There is nothing to see in the line.', retryAfterMs: null };
const TOO_LONG: Refusal = { code: 'too_long', message: 'The line is too long.', retryAfterMs: null };
const UNKNOWN_PERSON: Refusal = { code: 'query', message: 'This person’s number is too large for a browser.', retryAfterMs: null };
const REFUSED: Readonly<Record<Exclude<Over, 'lost'>, string>> = {
  token: 'The room does not know you any more; come in again.',
  banned: 'You were shown out of this room.',
  refused: 'The room cannot be read: this page may be too old for it.',
};

/** A message that waits for its place. */
interface Item {
  readonly means: Exclude<Meaning, { is: 'recall' }> | null;
  readonly rank: LineClass;
  readonly past: boolean;
}

export class TalkingRoom implements Room {
  readonly room: string;
  readonly #addresses: readonly string[];
  readonly #options: RoomOptions;
  readonly #events = new Emitter<RoomEvents>();
  readonly #lifetime = new Lifetime();
  readonly #order: Order<Item>;
  readonly #mender: Mender<Item>;
  readonly #own: OwnLines;
  readonly #api: Api;
  readonly #recalled = new Set<string>();
  #identity: Identity;
  #link: Link | undefined;
  #state: RoomState = { is: 'connecting' };
  #me: Me | null = null;
  #settings: RoomSettings | null = null;
  #online = 0;
  #nextSendAtMs = 0;
  #turn: number;
  #attempt = 0;
  #renew = false;
  #retry: number | undefined;
  #liveMs = -Infinity;
  /** The room was open once: what is missing from then on is missed. */
  #isIn = false;
  #heardMs = -Infinity;
  #newestAtMs = 0;

  constructor(options: RoomOptions) {
    const { addresses, room, api, token = null } = options;
    this.#addresses = (typeof addresses === 'string' ? addresses.split(/\s+/) : addresses).filter((one) => one !== '').slice(0, ADDRESSES_MAX);
    this.#options = options;
    this.room = room;
    this.#api = new Api(api, room);
    this.#order = new Order((item, place) => { this.#give(item, place); }, (hole, filled) => { this.#tellGap(hole, filled); });
    this.#mender = new Mender(this.#api, this.#order, {
      line: (said, newestAtMs): Item => ({ means: { is: 'line', said }, rank: said.class, past: said.atMs < newestAtMs - PAST_MS }),
      recalled: (ids) => { this.#withdraw(ids); },
      newestAtMs: () => this.#newestAtMs,
      isLive: () => this.#link?.isLive === true,
    });
    this.#own = new OwnLines((line) => { this.#events.emit('own', line); });
    this.#identity = this.#identify(token);
    // Those who come back after an edge has ended must not all come to the same one.
    this.#turn = Math.floor(Math.random() * this.#addresses.length);
    this.#lifetime.listen(document, 'visibilitychange', () => { if (!document.hidden) this.#link?.probe(); });
    this.#lifetime.listen(window, 'online', () => { if (this.#state.is === 'waiting') this.reconnect(); else this.#link?.probe(); });
    // Listeners of this turn hear of it.
    queueMicrotask(() => { this.#connect(); });
  }

  get state(): RoomState { return this.#state; }
  get me(): Me | null { return this.#me; }
  get settings(): RoomSettings | null { return this.#settings; }
  get online(): number { return this.#online; }
  get nextSendAtMs(): number { return this.#nextSendAtMs; }

  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  async send(words: string, { kind = 'scroll', color = '#ffffff', replyTo }: SendOptions = {}): Promise<SendOutcome> {
    const said = (replyTo === undefined ? words : `@${replyTo.name} ${words}`).trim();
    const refusal = this.#mayNot(words);
    if (refusal !== null) return { ok: false, refusal };
    const number = parseInt(color.slice(1), 16);
    const frame = this.#link?.say(JSON.stringify({ text: said, mode: kind, color: Number.isNaN(number) ? 0xff_ffff : number })) ?? null;
    if (frame === null) return { ok: false, refusal: TOO_LONG };
    return this.#own.sent(frame, said, kind, color);
  }

  report(id: string, reason: string): Promise<Outcome<object>> {
    return this.#call(`comments/${encodeURIComponent(id)}/reports`, 'POST', { reason });
  }

  recall(id: string): Promise<Outcome<object>> {
    return this.#call(`comments/${encodeURIComponent(id)}`, 'DELETE');
  }

  async mute(person: number, seconds?: number): Promise<Outcome<object>> {
    if (!Number.isSafeInteger(person) || person <= 0) return { ok: false, refusal: UNKNOWN_PERSON };
    return this.#call(`sanctions/${String(person)}/mute`, 'PUT', seconds === undefined ? {} : { seconds });
  }

  history({ epoch, sequence }: Place): Promise<Outcome<HistoryPage>> {
    return this.#page(`before=${String(epoch)}.${String(sequence)}&limit=${String(HISTORY_MAX)}`);
  }

  historyAt(fromMs: number, untilMs: number): Promise<Outcome<HistoryPage>> {
    return this.#page(`from=${String(Math.floor(fromMs))}&until=${String(Math.ceil(untilMs))}&limit=${String(SPAN_LINES_MAX)}`);
  }

  reconnect(): void {
    if (this.#state.is === 'closed' || this.#link !== undefined) return;
    this.#lifetime.cancel(this.#retry);
    this.#connect();
  }

  setToken(token: RoomToken | null): void {
    if (this.#state.is === 'closed') return;
    this.#identity.end();
    this.#identity = this.#identify(token);
    this.#renew = false;
    this.#attempt = 0;
    this.#setMe(null);
    this.#drop();
    this.reconnect();
  }

  close(): void {
    if (this.#state.is === 'closed') return;
    this.#drop();
    this.#identity.end();
    this.#mender.end();
    this.#own.end();
    this.#lifetime.end();
    this.#become({ is: 'closed' });
    this.#events.clear();
  }

  #identify(token: RoomToken | null): Identity {
    return new Identity(token, (renewed) => { this.#link?.show(renewed); });
  }

  #become(state: RoomState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }

  #connect(): void {
    if (this.#state.is === 'closed') return;
    this.#become({ is: 'connecting' });
    const identity = this.#identity;
    const isCurrent = (): boolean => identity === this.#identity && this.#state.is === 'connecting' && this.#link === undefined;
    identity.get(this.#renew).then((token) => {
      if (isCurrent()) this.#open(token);
    }).catch((cause: unknown) => {
      if (!isCurrent()) return;
      const refusal = refusalFor(cause);
      if (refusal?.retryAfterMs === null) this.#become({ is: 'refused', code: refusal.code, message: refusal.message });
      else this.#retryLater();
    });
  }

  #open(token: string | null): void {
    this.#liveMs = Infinity;
    const address = this.#addresses[this.#turn % this.#addresses.length];
    this.#turn += 1;
    const { history = HISTORY_DEFAULT, follows = [] } = this.#options;
    const last = this.#order.hole?.after ?? this.#order.last;
    const hello = {
      room: this.room, token, last,
      // Where the room has forgotten the place, as many as it gives show where the hole is.
      history: last === null ? Math.min(HISTORY_MAX, Math.max(0, history)) : HISTORY_MAX,
      follows: follows.slice(0, FOLLOWS_MAX),
    };
    const me = token === null ? null : holder(token);
    try {
      const link: Link = new Link(address ?? '', hello, {
        live: () => { this.#onLive(); },
        message: (place, rank, body) => { this.#onMessage(place, rank, body); },
        online: (online) => { this.#onOnline(online); },
        answer: (frame, body) => { this.#onAnswer(frame, body); },
        over: (why) => { this.#onOver(why); },
      });
      this.#link = link;
    } catch {
      this.#become({ is: 'refused', code: 'address', message: 'The page names no address that a room could have.' });
      return;
    }
    this.#setMe(me);
  }

  #drop(): void {
    this.#lifetime.cancel(this.#retry);
    if (this.#link === undefined) return;
    this.#link.end();
    this.#link = undefined;
    this.#heardMs = performance.now();
    this.#own.orphan();
  }

  #onLive(): void {
    this.#renew = false;
    this.#isIn = true;
    this.#liveMs = performance.now();
    this.#become({ is: 'open' });
    if (this.#order.hole === null) this.#own.settle();
    if (this.#api.isThere) void this.#learn();
  }

  #onOver(why: Over): void {
    const steady = performance.now() - this.#liveMs > STEADY_MS;
    const tried = this.#renew;
    this.#drop();
    if (why === 'token' && !tried) {
      // It may have ended while nobody looked: once more with a new one.
      this.#renew = true;
      this.#connect();
    } else if (why === 'lost') {
      if (steady) this.#attempt = 0;
      this.#retryLater();
    } else {
      this.#become({ is: 'refused', code: why === 'token' ? 'token_invalid' : why, message: REFUSED[why] });
    }
  }

  #retryLater(): void {
    const wait = retryMs(Math.floor(this.#attempt / Math.max(1, this.#addresses.length)), RETRY_MS_MAX);
    this.#attempt += 1;
    this.#retry = this.#lifetime.after(wait, () => { this.#connect(); });
    this.#become({ is: 'waiting', retryAtMs: performance.now() + wait, attempt: this.#attempt });
  }

  #onMessage(place: Place | null, rank: LineClass, body: Uint8Array): void {
    const means = meaning(body, rank);
    // What is to leave the screen does not wait for what is missing before it.
    if (means?.is === 'recall') this.#withdraw([means.id]);
    const away = performance.now() - this.#heardMs;
    const past = this.#link?.isLive !== true && away > PAST_MS;
    const item = { means: means?.is === 'recall' ? null : means, rank, past };
    if (place === null) this.#give(item, { epoch: 0, sequence: 0 });
    else {
      if (this.#isIn) this.#order.take(place, item);
      else this.#order.begin(place, item);
      this.#mender.look();
    }
  }

  #give({ means, rank, past }: Item, place: Place): void {
    switch (means?.is) {
      case 'line':
        this.#say(means.said, place, past);
        break;
      case 'settings':
        this.#setSettings(means.settings);
        break;
      case 'message':
        this.#events.emit('message', { command: means.command, body: means.body, class: rank, past });
        break;
      case undefined:
    }
  }

  #say(said: Said, place: Place, past: boolean): void {
    this.#newestAtMs = Math.max(this.#newestAtMs, said.atMs);
    if (this.#recalled.has(said.id)) return;
    const line = this.#line(said, place, past);
    const key = line.own && said.id !== '' ? this.#own.claim(said.id, said.text) : null;
    this.#events.emit('line', { ...line, key });
  }

  #line(said: Said, place: Place, past: boolean): RoomLine {
    const me = this.#me;
    const own = me !== null && said.person === me.person;
    const mentions = !own && me !== null && said.text.toLowerCase().includes(`@${me.name.toLowerCase()}`);
    return { ...said, ...place, own, mentions, past, key: null, class: own && said.class === 'chat' ? 'own' : said.class };
  }

  #withdraw(ids: readonly string[]): void {
    const fresh = ids.filter((id) => !this.#recalled.has(id));
    if (fresh.length === 0) return;
    for (const id of fresh) this.#recalled.add(id);
    for (const oldest of this.#recalled) {
      if (this.#recalled.size <= RECALLED_MAX) break;
      this.#recalled.delete(oldest);
    }
    this.#events.emit('withdrawn', { ids: fresh });
  }

  #tellGap({ after, before }: Hole, filled: boolean): void {
    const from = after.epoch === before.epoch ? after.sequence + 1 : 1;
    const to = before.sequence - 1;
    if (to >= from) this.#events.emit('gap', { epoch: before.epoch, from, to, filled });
  }

  #onOnline(online: number): void {
    this.#online = online;
    this.#events.emit('online', online);
  }

  #onAnswer(frame: number, body: Record<string, unknown> | null): void {
    const refusal = this.#own.answered(frame, body);
    const wait = refusal === null ? this.#slowMs() : refusal.retryAfterMs ?? 0;
    this.#nextSendAtMs = Math.max(this.#nextSendAtMs, performance.now() + wait);
  }

  #slowMs(): number {
    return this.#me?.moderator === true ? 0 : (this.#settings?.slowSeconds ?? 0) * 1_000;
  }

  #mayNot(words: string): Refusal | null {
    if (words.trim() === '') return EMPTY;
    if (this.#state.is === 'refused') return { code: this.#state.code, message: this.#state.message, retryAfterMs: null };
    if (this.#link?.isLive !== true) return OFFLINE;
    if (this.#identity.token === null) return NOBODY;
    return this.#own.isFull ? BACKLOG : null;
  }

  #setMe(me: Me | null): void {
    if (JSON.stringify(me) === JSON.stringify(this.#me)) return;
    this.#me = me;
    this.#events.emit('me', me);
  }

  #setSettings(settings: RoomSettings): void {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    this.#settings = settings;
    this.#events.emit('settings', settings);
  }

  /** What the room is, and what the viewer is in it. */
  async #learn(): Promise<void> {
    const identity = this.#identity;
    const settings = await this.#api.call('settings', {});
    if (settings.ok && this.#state.is !== 'closed') this.#setSettings(settingsOf(settings.value));
    if (identity.token === null) return;
    const me = await this.#api.call('me', { token: identity.token });
    if (!me.ok || identity !== this.#identity || this.#me === null) return;
    const { value } = me;
    const name = text(field(value, 'name')) || this.#me.name;
    this.#setMe({ ...this.#me, name, level: count(field(value, 'level')), moderator: MODERATING.includes(field(value, 'role')) });
  }

  async #call(path: string, method: 'POST' | 'PUT' | 'DELETE', body?: unknown): Promise<Outcome<object>> {
    const { token } = this.#identity;
    if (token === null) return { ok: false, refusal: NOBODY };
    const done = await this.#api.call(path, { method, token, body });
    return done.ok ? { ok: true } : done;
  }

  async #page(query: string): Promise<Outcome<HistoryPage>> {
    const page = await this.#api.call(`comments?${query}`, {});
    if (!page.ok) return page;
    const list = field(page.value, 'comments');
    const comments = (Array.isArray(list) ? list : []).map(commentOf).filter((one) => one !== null);
    const lines = comments.map(({ said, epoch, sequence }) => this.#line(said, { epoch, sequence }, true));
    return { ok: true, lines: lines.filter(({ id }) => !this.#recalled.has(id)), more: field(page.value, 'more') === true };
  }
}

/**
 * Comments over the player's picture: its room, and the layer that draws. A chunk of its own, loaded only where comments are
 * on; it reads its own attributes, so that the element need not know them.
 */

import type Hls from 'hls.js';
import { createDanmaku, openChoices } from '../danmaku/index.js';
import type { Choices, Danmaku } from '../danmaku/types.js';
import { guestToken, openRoom } from '../room/index.js';
import type { OwnLine, Room, RoomLine, RoomMessage, RoomOptions, RoomToken } from '../room/types.js';
import { entryOfMessage } from '../talk/entry.js';
import type { CommentsOptions, PlayerComments } from './comments-types.js';
import type { ShoalPlayer } from './element.js';
import { Rewind } from './rewind.js';

const ATTRIBUTES = ['comments', 'room', 'comments-api', 'comments-token', 'comments-name'];
/** Under these names choices and guests are kept. */
const KEPT_SETTINGS = 'shoal-comments';
const KEPT_GUEST = 'shoal-guest';
/** Gold. */
const GIFT_COLOR = '#ffd166';
/** Names of the viewer's own lines that are remembered, to take them back by. */
const NAMES_MAX = 64;

const mounts = new WeakMap<ShoalPlayer, Mount>();

/** Puts comments over an element, as it says now, and from then on. */
export function mount(element: ShoalPlayer, hls: () => Hls | undefined): void {
  let here = mounts.get(element);
  if (here === undefined) {
    here = new Mount(element, hls);
    mounts.set(element, here);
  }
  here.apply();
}

/** What an element says of its comments, and what came of it. */
class Mount {
  readonly #element: ShoalPlayer;
  readonly #hls: () => Hls | undefined;
  #said = '';
  #options: CommentsOptions | undefined;
  #turn = 0;
  #opening = false;

  constructor(element: ShoalPlayer, hls: () => Hls | undefined) {
    this.#element = element;
    this.#hls = hls;
    new MutationObserver(() => { this.apply(); }).observe(element, { attributeFilter: ATTRIBUTES });
  }

  apply(): void {
    const { comments: options } = this.#element.options;
    const said = JSON.stringify(ATTRIBUTES.map((name) => this.#element.getAttribute(name)));
    const isThere = this.#opening || this.#element.comments !== null;
    if (isThere && said === this.#said && options === this.#options) return;
    [this.#said, this.#options] = [said, options];
    this.#element.comments?.destroy();
    void this.#open({ ...this.#attributes(), ...options });
  }

  #attributes(): CommentsOptions {
    const [addresses, room, api, token, name] = ATTRIBUTES.map((attribute) => this.#element.getAttribute(attribute) ?? undefined);
    const said = { addresses, room, api, token, name };
    return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined && value !== ''));
  }

  async #open(options: CommentsOptions): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    this.#opening = false;
    const { addresses = '', room = '' } = options;
    if (addresses.length === 0) return;
    if (room === '') {
      this.#fail('`comments` needs `room`: the room’s name, type://id', undefined);
      return;
    }
    const layer = document.createElement('div');
    layer.setAttribute('part', 'comments');
    layer.style.cssText = 'position:absolute;inset:0;pointer-events:none';
    this.#element.video.after(layer);
    this.#opening = true;
    const { keep = true, choices = openChoices(keep ? KEPT_SETTINGS : undefined) } = options;
    const danmaku = await this.#draw(layer, choices, options);
    if (turn === this.#turn) this.#opening = false;
    if (turn !== this.#turn || !this.#element.isConnected) {
      danmaku?.destroy();
      layer.remove();
      return;
    }
    const comments = new Comments(this.#element, layer, this.#hls, danmaku, choices, { ...options, addresses, room });
    this.#element.comments = comments;
    this.#element.dispatchEvent(new CustomEvent('shoal-comments', { detail: comments }));
  }

  async #draw(layer: HTMLElement, choices: Choices, { announce = true }: CommentsOptions): Promise<Danmaku | null> {
    try {
      return await createDanmaku(layer, { video: this.#element.video, pointer: this.#element.video, announce, choices });
    } catch (cause) {
      this.#fail('comments cannot be drawn here', cause);
      return null;
    }
  }

  #fail(message: string, cause: unknown): void {
    this.#element.dispatchEvent(new CustomEvent('shoal-error', { detail: { code: 'comments', message, cause } }));
  }
}

class Comments implements PlayerComments {
  readonly room: Room;
  readonly danmaku: Danmaku | null;
  readonly choices: Choices;
  readonly layer: HTMLElement;
  readonly #element: ShoalPlayer;
  readonly #rewind: Rewind | null;
  readonly #options: CommentsOptions;
  /** The keys of the viewer's own lines, by the names that the room gave them. */
  readonly #keys = new Map<string, string>();

  constructor(
    element: ShoalPlayer, layer: HTMLElement, hls: () => Hls | undefined, danmaku: Danmaku | null, choices: Choices,
    options: CommentsOptions & RoomOptions,
  ) {
    this.#element = element;
    this.layer = layer;
    this.#options = options;
    [this.danmaku, this.choices] = [danmaku, choices];
    const { token = this.#guest(options.name) } = options;
    this.room = openRoom({ ...options, token });
    this.#rewind = options.api === undefined ? null : new Rewind(element.video, hls, this.room, {
      show: (line, agoMs) => { this.#push(line, agoMs); },
    });
    this.room.on('line', (line) => { this.#onLine(line); });
    this.room.on('message', (message) => { this.#onMessage(message); });
    this.room.on('own', (line) => { this.#onOwn(line); });
    this.room.on('withdrawn', ({ ids }) => {
      this.#rewind?.withdraw(ids);
      for (const id of ids) danmaku?.withdraw(this.#keys.get(id) ?? id);
    });
  }

  get isBehind(): boolean {
    return this.#rewind?.isBehind ?? false;
  }

  setName(name: string): void {
    this.room.setToken(this.#guest(name) ?? null);
  }

  destroy(): void {
    this.#rewind?.end();
    this.room.close();
    this.danmaku?.destroy();
    this.layer.remove();
    if (this.#element.comments !== this) return;
    this.#element.comments = null;
    this.#element.dispatchEvent(new CustomEvent('shoal-comments', { detail: null }));
  }

  #guest(name: string | undefined): RoomToken | undefined {
    const { api, keep = true } = this.#options;
    return name === undefined || api === undefined ? undefined : guestToken({ api, name, ...(keep ? { keep: KEPT_GUEST } : {}) });
  }

  #onLine(line: RoomLine): void {
    if (line.key !== null) this.#name(line.id, line.key);
    else if (!line.past && !this.isBehind && !this.#isHeld()) this.#push(line, 0);
  }

  /** Gifts are shown apart from lines; history does not know them. */
  #onMessage(message: RoomMessage): void {
    const gift = entryOfMessage(message);
    if (gift === null || gift.past || this.isBehind || this.#isHeld()) return;
    const { name, text, person } = gift;
    this.danmaku?.push({ text: `${name} ${text}`.trim(), person, kind: 'paid', class: 'paid', color: GIFT_COLOR });
  }

  /** Lines of now are not drawn over a picture that stands: history has them, should the viewer go on from there. */
  #isHeld(): boolean {
    const { video } = this.#element;
    return this.#rewind !== null && video.paused && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  #onOwn({ key, state, text, kind, color, id }: OwnLine): void {
    if (state === 'sending') this.danmaku?.push({ id: key, text, kind, color, class: 'own', ...this.#me() });
    else if (state === 'refused') this.danmaku?.withdraw(key);
    else if (id !== null) this.#name(id, key);
  }

  #me(): { readonly person?: number; readonly name?: string } {
    const { me } = this.room;
    return me === null ? {} : { person: me.person, name: me.name };
  }

  #name(id: string, key: string): void {
    this.#keys.set(id, key);
    for (const oldest of this.#keys.keys()) {
      if (this.#keys.size <= NAMES_MAX) break;
      this.#keys.delete(oldest);
    }
  }

  #push(line: RoomLine, agoMs: number): void {
    const { id, text, kind, color, person, name } = line;
    this.danmaku?.push({ ...(id === '' ? {} : { id }), text, kind, color, class: line.class, person, name }, agoMs);
  }
}

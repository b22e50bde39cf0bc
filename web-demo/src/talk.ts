/** The room of the stream: comments over the picture, and the list beside it. A page without a chat edge is as it was. */

import type { PlayerComments, ShoalPlayer } from '@shoal/player/element';
import type { ShoalChatEventMap } from '@shoal/player/talk';

import { find } from './dom.js';
import { type Place, placeOf } from './facts.js';

/** Where the viewer's name is kept for the next visit. */
const KEPT_NAME = 'shoal-demo-name';

/** Asks the server that serves this page where its room is, and comes in. */
export async function talk(player: ShoalPlayer): Promise<void> {
  const response = await fetch('./page.json').catch(() => undefined);
  const place = response?.ok === true ? placeOf(await response.text()) : null;
  if (place === null) return;
  // The list first: whatever the room says from its first moment on is in it. Nobody else loads it.
  const { openLineMenu } = await import('@shoal/player/talk');
  player.addEventListener('shoal-comments', ({ detail: comments }) => {
    if (comments !== null) show(comments, openLineMenu);
  });
  enter(player, place);
}

function show(comments: PlayerComments, openLineMenu: typeof import('@shoal/player/talk').openLineMenu): void {
  const chat = document.createElement('shoal-chat');
  [chat.room, chat.choices, chat.danmaku] = [comments.room, comments.choices, comments.danmaku];
  chat.addEventListener('shoal-join', (event) => {
    const { name } = (event as ShoalChatEventMap['shoal-join']).detail;
    comments.setName(name);
    keep(name);
  });
  find(document, '#talk').replaceChildren(chat);
  find(document, 'main').classList.add('talks');
  if (comments.danmaku === null) return;
  const { choices, danmaku, layer, room } = comments;
  openLineMenu(layer, { choices, danmaku, room, reply: (to) => { chat.reply(to); } });
}

function enter(player: ShoalPlayer, { ws, api, room }: Place): void {
  const attributes = { room, 'comments-api': api, 'comments-name': kept(), comments: ws };
  for (const [name, value] of Object.entries(attributes)) if (value !== '') player.setAttribute(name, value);
}

function kept(): string {
  try {
    return localStorage.getItem(KEPT_NAME) ?? '';
  } catch {
    return '';
  }
}

function keep(name: string): void {
  try {
    localStorage.setItem(KEPT_NAME, name);
  } catch {
    // Storage is full or forbidden: the name lasts as long as the page.
  }
}

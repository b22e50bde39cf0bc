/** The menu of lines over a picture: opened by a click on one. */

import type { Choices, Danmaku } from '../danmaku/types.js';
import type { Room } from '../room/types.js';
import { LineMenu, type Target } from './menu.js';

/** Options of {@link openLineMenu}. */
export interface LineMenuOptions {
  readonly danmaku: Danmaku;
  readonly choices: Choices;
  /** To report a line, to take it back. */
  readonly room?: Room | null;
  /** Begins an answer: `chat.reply` of `<shoal-chat>`, say. */
  readonly reply?: (to: { readonly name: string }) => void;
}

/** Gives the lines of a layer their menu; returns what takes it away. */
export function openLineMenu(box: HTMLElement, { danmaku, choices, room = null, reply }: LineMenuOptions): () => void {
  const menu = new LineMenu(box);
  const off = danmaku.on('click', ({ line: { id = '', text, person = 0, name = '', class: rank }, x, y }) => {
    const target: Target = { id: /^\d+$/u.test(id) ? id : null, text, person, name, own: rank === 'own' };
    menu.open(target, { x, y }, { choices, room, reply });
  });
  return () => {
    off();
    menu.close();
  };
}

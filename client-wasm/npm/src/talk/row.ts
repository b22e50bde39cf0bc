/** One row of the list, as elements. */

import { iconButton, make, symbol } from './dom.js';
import type { Entry } from './entry.js';

/** What a row's buttons do. */
export interface RowDeeds {
  more(row: HTMLElement, button: HTMLElement): void;
  again(row: HTMLElement): void;
  dismiss(row: HTMLElement): void;
}

/** Hues by which names differ: of one lightness, so that all can be read. */
const HUES = 12;
/** Between two characters of a name: `@Al` is not `@Alan`. */
const REST_OF_NAME = /^[\p{L}\p{N}_]/u;

export function makeRow(entry: Entry, me: string, deeds: RowDeeds): HTMLLIElement {
  const row = make('li', { tabindex: '-1' });
  fillRow(row, entry, me, deeds);
  return row;
}

/** Writes a row anew: its line has moved on. */
export function fillRow(row: HTMLLIElement, entry: Entry, me: string, deeds: RowDeeds): void {
  const { own, mentions, paid, past, state, name, moderator, person } = entry;
  const classes = Object.entries({ own, mention: mentions, paid, past }).filter(([, is]) => is).map(([one]) => one);
  row.className = ['row', ...classes].join(' ');
  row.dataset['state'] = state.is;
  const who = make('bdi', { class: 'name' }, name === '' ? 'Somebody' : name);
  if (!own && !paid) who.style.color = `oklch(0.8 0.09 ${String((Math.abs(person * 47) % HUES) * (360 / HUES))})`;
  if (moderator) who.prepend(badge());
  const words = make('span', { class: 'words', dir: 'auto' });
  words.append(...(mentions ? marked(entry.text, me) : [entry.text]));
  const more = iconButton('more', `More about the line of ${name === '' ? 'somebody' : name}`, { tabindex: '-1', 'aria-haspopup': 'menu', 'aria-expanded': 'false' });
  more.addEventListener('click', () => { deeds.more(row, more); });
  row.replaceChildren(who, words, ...stateOf(row, entry, deeds), more);
}

function badge(): HTMLElement {
  const badge = make('span', { title: 'Moderator', role: 'img', 'aria-label': 'Moderator' });
  badge.append(symbol('shield'));
  return badge;
}

function stateOf(row: HTMLElement, { state }: Entry, deeds: RowDeeds): HTMLElement[] {
  switch (state.is) {
    case 'said':
      return [];
    case 'sending':
      return [make('span', { class: 'state sr' }, 'Sending')];
    case 'held':
      return [make('span', { class: 'state' }, 'Waiting for a moderator')];
    case 'refused': {
      const again = make('button', { type: 'button' }, 'Edit and try again');
      const dismiss = make('button', { type: 'button' }, 'Remove');
      again.addEventListener('click', () => { deeds.again(row); });
      dismiss.addEventListener('click', () => { deeds.dismiss(row); });
      return [make('span', { class: 'state' }, state.why, again, dismiss)];
    }
  }
}

/** The text with the viewer's name set off. */
function marked(text: string, me: string): (string | HTMLElement)[] {
  const [parts, name, all]: [(string | HTMLElement)[], string, string] = [[], `@${me.toLowerCase()}`, text.toLowerCase()];
  // Where lower case is longer than what it stands for, places in the two are not the same.
  if (me === '' || all.length !== text.length) return [text];
  let from = 0;
  for (let at = all.indexOf(name); at >= 0; at = all.indexOf(name, at + 1)) {
    if (REST_OF_NAME.test(text.slice(at + name.length))) continue;
    parts.push(text.slice(from, at), make('mark', {}, text.slice(at, at + name.length)));
    from = at + name.length;
  }
  return [...parts, text.slice(from)];
}

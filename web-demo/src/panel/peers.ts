/** The neighbours, in the order in which they connected. */

import type { PeerView } from '@shoal/player';

import { find, make, write } from '../dom.js';
import { bytes, hue, shortId, UNKNOWN } from '../format.js';
import type { Card } from './card.js';

/** Said in place of the table where nothing is shared. */
export const ALONE = 'This page shares with nobody.';

/** Draws `#peers`. */
export function peers(): Card {
  const card = find(document, '#peers');
  const table = find<HTMLTableElement>(card, 'table');
  const body = find(table, 'tbody');
  const empty = find(card, '.empty');
  const count = find(card, '[data-figure=count]');
  const rows = new Map<number, HTMLTableRowElement>();

  return (view) => {
    const live = new Set(view.peers.map(({ link }) => link));
    for (const [link, row] of rows) {
      if (live.has(link)) continue;
      row.remove();
      rows.delete(link);
    }
    for (const peer of view.peers) {
      const row = rows.get(peer.link) ?? body.appendChild(newRow(peer));
      rows.set(peer.link, row);
      fill(row, peer);
    }
    table.hidden = view.peers.length === 0;
    empty.hidden = view.peers.length > 0;
    if (view.stats.mode === 'plain') write(empty, ALONE);
    const { swarmSize } = view.stats;
    const some = view.peers.length > 0;
    write(count, some && swarmSize > view.peers.length ? `${view.peers.length} of ${swarmSize - 1}` : some ? `${view.peers.length}` : '');
  };
}

function newRow(peer: PeerView): HTMLTableRowElement {
  const row = make('tr');
  const name = make('td', 'name', shortId(peer.peer) + (peer.superPeer ? ' ★' : ''));
  name.style.setProperty('--hue', String(hue(peer.peer)));
  name.title = peer.superPeer ? `${peer.peer}, the operator’s` : peer.peer;
  row.append(name, make('td'), make('td'), make('td'));
  return row;
}

function fill(row: HTMLTableRowElement, peer: PeerView): void {
  const texts = [bytes(peer.receivedBytes), bytes(peer.sentBytes), peer.blockMs === 0 ? UNKNOWN : `${peer.blockMs} ms`];
  texts.forEach((text, at) => {
    const cell = row.cells[at + 1];
    if (cell !== undefined) write(cell, text);
  });
}

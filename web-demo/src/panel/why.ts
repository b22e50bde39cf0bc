/** Beside the map: why the chosen block came from where it did. */

import { explain, type BlockView } from '@shoal/player';

import { find, make, write } from '../dom.js';
import { bytes, shortId, UNKNOWN } from '../format.js';
import type { View } from './card.js';
import { blockKey } from './map.js';

/** What the map tells the details. */
export interface Details {
  /** Another block was chosen. */
  choose(key: string): void;
  /** There is a newer view. */
  show(view: View): void;
}

/** Draws `#why`. */
export function why(): Details {
  const root = find(document, '#why');
  let chosen: string | null = null;
  let last: View | null = null;
  // A chosen block stays explained after it has left the window.
  let block: BlockView | null = null;

  const draw = (): void => {
    if (chosen === null || last === null) return;
    block = last.blocks.find((candidate) => blockKey(candidate) === chosen) ?? block;
    if (block !== null) fill(root, block, last.renditions);
  };
  return {
    choose(key) {
      chosen = key;
      block = null;
      draw();
    },
    show(view) {
      last = view;
      draw();
    },
  };
}

function fill(root: HTMLElement, block: BlockView, renditions: readonly string[]): void {
  if (root.querySelector('h3') === null) root.replaceChildren(make('h3'), make('p'), make('dl'));
  write(find(root, 'h3'), `Segment ${block.segment}, block ${block.block + 1}`);
  write(find(root, 'p'), explain(block));
  const facts: [string, string][] = [
    ['Quality', renditions[block.rendition] ?? UNKNOWN],
    ['Size', block.bytes === 0 ? UNKNOWN : bytes(block.bytes)],
    ['From', block.from !== null ? `viewer ${shortId(block.from)}` : block.status.endsWith('origin') ? 'origin' : UNKNOWN],
    ['Supply, demand', `${block.supply}, ${block.demand}`],
    ['Checked after', block.doneMs === null ? UNKNOWN : `${Math.round(block.doneMs - block.seenMs)} ms`],
  ];
  const list = find(root, 'dl');
  if (list.childElementCount === 0) list.append(...facts.flatMap(([name]) => [make('dt', '', name), make('dd')]));
  list.querySelectorAll('dd').forEach((cell, at) => write(cell, facts[at]?.[1] ?? ''));
}

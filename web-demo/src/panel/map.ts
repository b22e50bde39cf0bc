/**
 * The block map: a row for each segment of the window, newest on top, a cell for each block.
 *
 * A grid for the keyboard too: one cell is in the tab order, arrows move from there.
 */

import type { BlockStatus, BlockView } from '@shoal/player';

import { find, make, write } from '../dom.js';
import type { Card, View } from './card.js';
import { why } from './why.js';

/** Rows shown at most: the window, and what is kept behind it, would run off the page. */
const ROWS_MAX = 12;

/** Said in place of the map where segments come whole. */
export const WHOLE = 'Without P2P the video comes in whole segments, from the origin.';

const STATUS: Readonly<Record<BlockStatus, string>> = {
  missing: 'not downloaded',
  'from-peer': 'coming from a viewer',
  'from-origin': 'coming from the origin',
  checking: 'being checked',
  'have-peer': 'from a viewer',
  'have-origin': 'from the origin',
};

/** Draws `#map`. */
export function map(): Card {
  const card = find(document, '#map');
  const grid = find(card, '.grid');
  const wait = find(card, '.empty.wait');
  const details = why();
  const rows = new Map<string, Row>();
  let chosen: string | null = null;

  grid.addEventListener('click', (event) => {
    const cell = event.target instanceof HTMLButtonElement ? event.target : null;
    if (cell?.dataset['block'] === undefined) return;
    chosen = cell.dataset['block'];
    for (const row of rows.values()) row.select(chosen);
    details.choose(chosen);
  });
  grid.addEventListener('keydown', (event) => move(grid, event));

  return (view) => {
    const segments = bySegment(view);
    for (const [key, row] of rows) {
      if (segments.has(key)) continue;
      row.root.remove();
      rows.delete(key);
    }
    let below: Element | null = null;
    for (const [key, blocks] of segments) {
      const row = rows.get(key) ?? new Row(title(blocks, view));
      rows.set(key, row);
      if (!row.root.isConnected) grid.insertBefore(row.root, below);
      below = row.root;
      row.fill(blocks, chosen);
    }
    const widest = Math.max(4, ...[...segments.values()].map(({ length }) => length));
    grid.style.setProperty('--blocks', String(widest));
    card.toggleAttribute('data-filled', segments.size > 0);
    if (view.stats.mode === 'plain') write(wait, WHOLE);
    if (grid.querySelector('[tabindex="0"]') === null) grid.querySelector('button')?.setAttribute('tabindex', '0');
    details.show(view);
  };
}

/** A block's name within the page. */
export function blockKey(block: BlockView): string {
  return `${block.rendition}/${block.segment}/${block.block}`;
}

/** The blocks by segment, oldest segment first: two renditions of one moment are neighbours. */
function bySegment({ blocks }: View): Map<string, BlockView[]> {
  const segments = new Map<string, BlockView[]>();
  const ordered = blocks.toSorted((a, b) => a.segment - b.segment || a.rendition - b.rendition || a.block - b.block);
  for (const block of ordered) {
    const key = `${block.rendition}/${block.segment}`;
    const row = segments.get(key);
    if (row === undefined) segments.set(key, [block]);
    else row.push(block);
  }
  return new Map([...segments].slice(-ROWS_MAX));
}

function title([first]: readonly BlockView[], { renditions }: View): string {
  if (first === undefined) return '';
  const name = renditions.length > 1 ? `${renditions[first.rendition] ?? ''} ` : '';
  return `${name}${first.segment}`;
}

/** One segment. */
class Row {
  readonly root = make('div', 'row');
  readonly #cells = make('div', 'cells');

  constructor(name: string) {
    this.root.setAttribute('role', 'row');
    const header = make('span', '', name);
    header.setAttribute('role', 'rowheader');
    // Only layout: the cells belong to the row.
    this.#cells.setAttribute('role', 'presentation');
    this.root.append(header, this.#cells);
  }

  fill(blocks: readonly BlockView[], chosen: string | null): void {
    while (this.#cells.childElementCount > blocks.length) this.#cells.lastElementChild?.remove();
    blocks.forEach((block, at) => {
      const cell = (this.#cells.children[at] as HTMLButtonElement | undefined) ?? this.#cells.appendChild(newCell());
      const key = blockKey(block);
      if (cell.dataset['block'] !== key) cell.dataset['block'] = key;
      if (cell.dataset['status'] !== block.status) {
        cell.dataset['status'] = block.status;
        cell.setAttribute('aria-label', `Segment ${block.segment}, block ${block.block + 1}: ${STATUS[block.status]}`);
      }
      cell.setAttribute('aria-selected', String(key === chosen));
    });
  }

  select(chosen: string): void {
    for (const cell of this.#cells.children) {
      cell.setAttribute('aria-selected', String((cell as HTMLElement).dataset['block'] === chosen));
    }
  }
}

function newCell(): HTMLButtonElement {
  const cell = make('button', 'cell');
  cell.type = 'button';
  cell.tabIndex = -1;
  cell.setAttribute('role', 'gridcell');
  return cell;
}

/** Arrow keys: along the row, or to the same place of the next row. */
function move(grid: HTMLElement, event: KeyboardEvent): void {
  const cell = document.activeElement;
  const cells = cell?.parentElement;
  if (!(cell instanceof HTMLButtonElement) || cells === null || cells === undefined) return;
  const at = [...cells.children].indexOf(cell);
  const row = cells.parentElement;
  const target = {
    ArrowLeft: cells.children[at - 1],
    ArrowRight: cells.children[at + 1],
    ArrowUp: nth(row?.previousElementSibling, at),
    ArrowDown: nth(row?.nextElementSibling, at),
    Home: cells.firstElementChild,
    End: cells.lastElementChild,
  }[event.key];
  if (!(target instanceof HTMLButtonElement)) return;
  event.preventDefault();
  for (const other of grid.querySelectorAll('[tabindex="0"]')) other.setAttribute('tabindex', '-1');
  target.tabIndex = 0;
  target.focus();
}

function nth(row: Element | null | undefined, at: number): Element | null | undefined {
  const cells = row?.querySelector('.cells')?.children;
  return cells?.[Math.min(at, cells.length - 1)];
}

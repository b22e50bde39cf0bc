/** Upload against download, on one scale. */

import { figure, find, write } from '../dom.js';
import { bytes } from '../format.js';
import { received, type Card } from './card.js';

/** Draws `#trade`. */
export function trade(): Card {
  const card = find(document, '#trade');
  const down = find(card, '.fill.down');
  const up = find(card, '.fill.up');
  const downFigure = find(card, '[data-figure=down]');
  const upFigure = find(card, '[data-figure=up]');
  const ratio = find(card, '[data-figure=ratio]');

  return ({ stats }) => {
    const { all } = received(stats);
    down.style.width = all === 0 ? '0' : '100%';
    up.style.width = all === 0 ? '0' : `${((100 * stats.uploadBytes) / all).toFixed(1)}%`;
    write(downFigure, bytes(all));
    write(upFigure, bytes(stats.uploadBytes));
    figure(ratio, all === 0 ? null : stats.uploadRatio.toFixed(2));
  };
}

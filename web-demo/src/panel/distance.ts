/** How far the picture is behind live, now and over the last two minutes. */

import { line } from '../chart.js';
import { figure, find, write } from '../dom.js';
import { seconds } from '../format.js';
import type { Card } from './card.js';

/** Draws `#distance`. */
export function distance(): Card {
  const card = find(document, '#distance');
  const now = find(card, '[data-figure=behind]');
  const unit = find(card, '.unit');
  const edge = find<SVGPathElement>(card, '.edge');
  const range = find(card, '[data-figure=range]');

  return ({ stats, history }) => {
    const behind = stats.behindLiveSeconds;
    figure(now, behind === null ? null : behind.toFixed(1));
    unit.hidden = behind === null;
    const distances = history.distances();
    const known = distances.filter((value) => value !== null);
    const farthest = Math.max(1, ...known);
    edge.setAttribute('d', line(distances, { span: history.span(), top: farthest * 1.25 }));
    if (known.length > 1) {
      write(range, `${seconds(Math.min(...known))} to ${seconds(farthest)} s lately.`);
    }
  };
}

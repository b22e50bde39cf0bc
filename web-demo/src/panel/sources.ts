/** The stacked chart: what came from where over the last two minutes. */

import { area, line, roundTop } from '../chart.js';
import { find, write } from '../dom.js';
import { rate } from '../format.js';
import { HISTORY_SECONDS } from '../history.js';
import type { Card } from './card.js';

/** Draws `#sources`. */
export function sources(): Card {
  const card = find(document, '#sources');
  const fromPeers = find<SVGPathElement>(card, '.area.peer');
  const fromOrigin = find<SVGPathElement>(card, '.area.origin');
  const edge = find<SVGPathElement>(card, '.edge');
  const top = find(card, '[data-figure=top]');
  const since = find(card, '[data-figure=since]');

  return ({ history }) => {
    const rates = history.rates();
    const peers = rates.map(({ peer }) => peer);
    const sums = rates.map(({ peer, origin }) => peer + origin);
    const largest = Math.max(0, ...sums);
    const scale = { span: history.span(), top: roundTop(largest) };
    fromPeers.setAttribute('d', area(peers.map(() => 0), peers, scale));
    fromOrigin.setAttribute('d', area(peers, sums, scale));
    edge.setAttribute('d', line(sums, scale));
    write(since, scale.span === HISTORY_SECONDS ? '2 min ago' : `${scale.span} s ago`);
    write(top, largest === 0 ? '' : rate(scale.top));
  };
}

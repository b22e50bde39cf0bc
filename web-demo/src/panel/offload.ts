/** The big figure: how much of the video other viewers gave. */

import type { PlainReason } from '@shoal/player';

import { figure, find, write } from '../dom.js';
import { bytes, percent } from '../format.js';
import { received, type Card, type View } from './card.js';

/** Why nothing is shared. */
export const PLAIN: Readonly<Record<PlainReason, string>> = {
  'p2p-off': 'P2P is off: everything comes from the origin.',
  'no-consent': 'Sharing starts when you agree to it.',
  'no-webrtc': 'This browser has no WebRTC: everything comes from the origin.',
  'no-wasm': 'The engine could not be loaded: everything comes from the origin.',
  'no-crypto': 'This browser cannot verify blocks: everything comes from the origin.',
  'no-mse': 'This browser plays HLS by itself: everything comes from the origin.',
  'no-descriptor': 'This stream is not shared: it names no swarm.',
  'descriptor-unreachable': 'The stream’s descriptor cannot be loaded: everything comes from the origin.',
  'descriptor-malformed': 'The stream’s descriptor cannot be read: everything comes from the origin.',
  'engine-failed': 'The engine failed: everything comes from the origin.',
  destroyed: 'The session has ended.',
};

/** Draws `#offload`. */
export function offload(): Card {
  const card = find(document, '#offload');
  const share = find(card, '[data-figure=share]');
  const unit = find(card, '.unit');
  const note = find(card, '[data-figure=note]');
  const split = find(card, '.split');
  const fromPeers = find(card, '[data-figure=peer]');
  const fromOrigin = find(card, '[data-figure=origin]');

  return (view) => {
    const { viewers, origin, all } = received(view.stats);
    figure(share, all === 0 ? null : percent(view.stats.offload));
    unit.hidden = all === 0;
    write(note, sentence(view, all));
    write(fromPeers, bytes(viewers));
    write(fromOrigin, bytes(origin));
    find(split, '.peer').style.width = all === 0 ? '0' : `${((100 * viewers) / all).toFixed(1)}%`;
    find(split, '.origin').style.width = all === 0 ? '0' : `${((100 * origin) / all).toFixed(1)}%`;
    split.setAttribute('aria-label', `${bytes(viewers)} from viewers, ${bytes(origin)} from the origin`);
  };
}

function sentence({ stats }: View, all: number): string {
  if (stats.plainReason !== null) return PLAIN[stats.plainReason];
  if (all === 0) return 'Waiting for the first blocks.';
  if (stats.links === 0) return 'No other viewer is connected.';
  return `of the video since you joined, by ${stats.links === 1 ? 'one viewer' : `${stats.links} viewers`} near you.`;
}

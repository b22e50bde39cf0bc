/** What every card of the panel is: something that is shown the latest view, again and again. */

import type { BlockView, PeerView, PlayState, Stats } from '@shoal/player';

import type { History } from '../history.js';

/** What the page knows now. */
export interface View {
  readonly state: PlayState;
  readonly stats: Stats;
  readonly peers: readonly PeerView[];
  readonly blocks: readonly BlockView[];
  readonly renditions: readonly string[];
  readonly history: History;
}

/** Draws the view into the card's own part of the page. */
export type Card = (view: View) => void;

/** Every byte of the video that came in, by whom it came from. */
export function received(stats: Stats): { viewers: number; origin: number; all: number } {
  const viewers = stats.peerBytes + stats.superPeerBytes;
  const origin = stats.originBytes + stats.plainBytes;
  return { viewers, origin, all: viewers + origin };
}

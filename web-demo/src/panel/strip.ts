/** The four figures under the player. */

import { find, write } from '../dom.js';
import { seconds, UNKNOWN } from '../format.js';
import type { Card } from './card.js';

/** What the page measures by itself, the same with P2P on or off. */
export interface Playback {
  /** From the page's start to the first picture; null before it. */
  startMs: number | null;
  /** How often the picture waited for data after that. */
  stalls: number;
}

/** Draws `#strip`. */
export function strip(playback: Playback): Card {
  const root = find(document, '#strip');
  const figure = (name: string): HTMLElement => find(root, `[data-figure=${name}]`);
  const [behind, buffered, start, stalls] = ['behind', 'buffered', 'start', 'stalls'].map(figure);

  return ({ stats }) => {
    const began = playback.startMs !== null;
    show(behind, stats.behindLiveSeconds === null ? UNKNOWN : `${stats.behindLiveSeconds.toFixed(1)} s`);
    show(buffered, began ? `${stats.bufferSeconds.toFixed(1)} s` : UNKNOWN);
    show(start, playback.startMs === null ? UNKNOWN : `${seconds(playback.startMs)} s`);
    show(stalls, began ? String(playback.stalls) : UNKNOWN);
  };
}

function show(element: HTMLElement | undefined, text: string): void {
  if (element !== undefined) write(element, text);
}

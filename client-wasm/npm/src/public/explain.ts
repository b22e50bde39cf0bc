/** Why a block came from where it came: one sentence for a person. */

import type { BlockReason, BlockStatus, BlockView } from './types.js';

const STATUS: Readonly<Record<BlockStatus, string>> = {
  missing: 'Not downloaded yet',
  'from-peer': 'Coming from another viewer',
  'from-origin': 'Coming from the origin',
  checking: 'Arrived, being verified',
  'have-peer': 'Came from another viewer',
  'have-origin': 'Came from the origin',
};

const REASON: Readonly<Record<BlockReason, string>> = {
  unseen: 'nothing is decided yet',
  'neighbour-holds': 'a neighbour holds it',
  'holders-busy': 'its holders are busy or out of budget',
  promised: 'a neighbour promised to fetch it',
  'die-lowest': "nobody near had it, and this viewer's die was the lowest: its turn to seed",
  'die-round': 'nobody near had stepped in when the round of this viewer came',
  'die-waiting': "nobody near has it, and it is another viewer's turn to seed",
  'early-buy': 'uplinks are short, so it was bought at first sight',
  deadline: 'its deadline was near',
  'start-up': 'the player waited for its first picture',
  alone: 'there was no neighbour',
  'links-at-fault': 'the swarm should have spread it by now, and no neighbour had it',
  ahead: 'it was asked for ahead of its existence',
};

/** One sentence on a block: where it stands, why, and what the market around it looks like. */
export function explain(block: BlockView): string {
  const from = block.from === null ? '' : ` (${block.from.slice(-8)})`;
  const took = block.doneMs === null ? '' : ` It took ${String(Math.round(block.doneMs - block.seenMs))} ms from first sight.`;
  const market = ` Near here ${String(block.supply)} have it now, ${String(block.demand)} lack it.`;
  return `${STATUS[block.status]}${from}: ${REASON[block.reason]}.${market}${took}`;
}

/** Sums for people: totals over all engines of a session, the shares that follow from them, and arrivals by segment. */

import type { BlockId, Stats } from '../public/types.js';
import { type EngineStats, STATS_COLUMNS } from './rows.js';

/** What is counted outside the engine. */
export type Beside = Pick<
  Stats, 'mode' | 'plainReason' | 'plainBytes' | 'behindLiveSeconds' | 'bufferSeconds' | 'bandwidthBits'
>;

/** Column by column. */
export function addTotals(past: EngineStats, present: EngineStats | undefined): EngineStats {
  if (present === undefined) return past;
  return Object.fromEntries(STATS_COLUMNS.map((name) => [name, past[name] + present[name]])) as EngineStats;
}

/** The aggregated statistics object. */
export function overview(totals: EngineStats, beside: Beside): Stats {
  const peers = totals.peerBytes;
  const video = peers + totals.superPeerBytes + totals.originBytes + beside.plainBytes;
  return {
    ...totals,
    ...beside,
    offload: video > 0 ? peers / video : 0,
    uploadRatio: video > 0 ? totals.uploadBytes / video : 0,
  };
}

/** Segments whose arrivals are counted at once: those that a player may be waiting for, and the ones around them. */
const SEGMENTS_MAX = 64;

/** How many blocks of a segment have come in. */
export class Arrivals {
  readonly #blocks = new Map<string, number>();

  add({ rendition, segment }: BlockId): void {
    const key = `${String(rendition)}/${String(segment)}`;
    this.#blocks.set(key, (this.#blocks.get(key) ?? 0) + 1);
    const oldest = this.#blocks.keys().next();
    if (this.#blocks.size > SEGMENTS_MAX && oldest.done !== true) this.#blocks.delete(oldest.value);
  }

  /** Bytes of so many blocks, each taken as full. */
  bytes(rendition: number, segment: number, blockBytes: number): number {
    return (this.#blocks.get(`${String(rendition)}/${String(segment)}`) ?? 0) * blockBytes;
  }

  clear(): void {
    this.#blocks.clear();
  }
}

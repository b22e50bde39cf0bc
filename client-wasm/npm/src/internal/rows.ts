/**
 * The engine's reports, from flat rows of doubles.
 *
 * The columns are documented in `client-wasm/src/rows.rs`, the names in `swarm/src/report.rs`; a test holds them together.
 */

import type { BlockReason, BlockStatus, BlockView, Offence, PeerView } from '../public/types.js';

export const STATS_COLUMNS = [
  'originBytes', 'peerBytes', 'superPeerBytes', 'uploadBytes', 'duplicateBytes', 'lateBytes', 'badBytes', 'originBlocks',
  'peerBlocks', 'deadlineBlocks', 'messagesSent', 'messagesReceived', 'segmentsReady', 'segmentsGivenUp', 'peersBanned',
  'links', 'swarmSize',
] as const;

export const PEER_COLUMNS = [
  'link', 'peer0', 'peer1', 'peer2', 'peer3', 'receivedBytes', 'sentBytes', 'blockMs', 'requests', 'superPeer',
] as const;

export const BLOCK_COLUMNS = [
  'rendition', 'segment', 'block', 'bytes', 'status', 'supply', 'demand', 'reason', 'hasFrom', 'from0', 'from1', 'from2',
  'from3', 'seenMs', 'doneMs',
] as const;

export const STATUSES: readonly BlockStatus[] = [
  'missing', 'from-peer', 'from-origin', 'checking', 'have-peer', 'have-origin',
];

export const REASONS: readonly BlockReason[] = [
  'unseen', 'neighbour-holds', 'holders-busy', 'promised', 'die-lowest', 'die-round', 'die-waiting', 'early-buy',
  'deadline', 'start-up', 'alone', 'links-at-fault', 'ahead',
];

export const OFFENCES: readonly Offence[] = ['bad-block', 'bad-list', 'bad-message', 'flood', 'unasked', 'unreliable'];

/** The engine's totals. */
export type EngineStats = Record<(typeof STATS_COLUMNS)[number], number>;

export function decodeStats(row: Float64Array | undefined): EngineStats {
  return Object.fromEntries(STATS_COLUMNS.map((name, at) => [name, row?.[at] ?? 0])) as EngineStats;
}

export function decodePeers(rows: Float64Array): PeerView[] {
  return split(rows, PEER_COLUMNS.length).map((row) => ({
    link: cell(row, 0),
    peer: peerId(row, 1),
    receivedBytes: cell(row, 5),
    sentBytes: cell(row, 6),
    blockMs: cell(row, 7),
    requests: cell(row, 8),
    superPeer: cell(row, 9) === 1,
  }));
}

export function decodeBlocks(rows: Float64Array): BlockView[] {
  return split(rows, BLOCK_COLUMNS.length).map((row) => {
    const done = cell(row, 14);
    return {
      rendition: cell(row, 0),
      segment: cell(row, 1),
      block: cell(row, 2),
      bytes: cell(row, 3),
      status: STATUSES[cell(row, 4)] ?? 'missing',
      supply: cell(row, 5),
      demand: cell(row, 6),
      reason: REASONS[cell(row, 7)] ?? 'unseen',
      from: cell(row, 8) === 1 ? peerId(row, 9) : null,
      seenMs: cell(row, 13),
      doneMs: Number.isFinite(done) ? done : null,
    };
  });
}

function split(rows: Float64Array, width: number): Float64Array[] {
  const count = Math.floor(rows.length / width);
  return Array.from({ length: count }, (_, row) => rows.subarray(row * width, (row + 1) * width));
}

function cell(row: Float64Array, at: number): number {
  return row[at] ?? 0;
}

/** Four columns of 5 bytes each. */
function peerId(row: Float64Array, at: number): string {
  return [0, 1, 2, 3].map((part) => cell(row, at + part).toString(16).padStart(10, '0')).join('');
}

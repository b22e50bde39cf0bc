/** The table that the bench prints: each figure with its spread, the control's, and what is to be reached. */

import { spread } from './figures.mjs';

/** What eight, four, two or sixteen viewers are to reach: offload as the mean of the runs, and in every run. */
const OFFLOAD = {
  2: { mean: 0.495, each: 0 },
  4: { mean: 0.74, each: 0, ratioMin: 0.5 },
  8: { mean: 0.86, each: 0.85, ratioMin: 0.6, shareMax: 2, waste: 0.01 },
  16: { mean: 0.92, each: 0, ratioMin: 0.6, shareMax: 2, waste: 0.01 },
};

/** What eight viewers are to reach whose uplinks are a little more than the stream and lose packets; far apart, less. */
const CAPPED = { viewers: 8, mean: 0.65, meanFar: 0.62, farMs: 40, waste: 0.05 };

/** What p2p-media-loader does not tell of itself. */
const OURS_ALONE = new Set(['waste', 'deadlineBlocks', 'badBytes', 'bans']);

const NONE = '–';

const share = (value) => `${(value * 100).toFixed(1)} %`;
const seconds = (value) => `${value.toFixed(2)} s`;
const plain = (value) => value.toFixed(2);
const count = (value) => value.toFixed(value % 1 === 0 ? 0 : 1);

/**
 * Rows of the table.
 *
 * @param {import('./session.mjs').Plan} plan
 * @param {{ runs: object[], controls: object[], rivals?: object[] }} figures with P2P, without, and p2p-media-loader's
 */
export function rows(plan, { runs, controls, rivals = [] }) {
  const goal = goals(plan);
  const control = (name) => spread(controls, name);
  const row = (title, name, format, limit) => {
    const seen = spread(runs, name);
    const rival = OURS_ALONE.has(name) ? null : spread(rivals, name);
    const beside = { rival: show(rival, format), control: show(control(name), format) };
    return { title, seen: show(seen, format), ...beside, ...judge(seen, limit, format) };
  };
  return [
    row('offload', 'offload', share, { ...least(goal.mean), each: goal.each }),
    row('origin copies per block', 'copies', plain),
    row('bytes wasted', 'waste', share, most(goal.waste)),
    row('behind live, p50', 'distanceP50', seconds),
    row('behind live, p95', 'distanceP95', seconds, most(control('distanceP95')?.mean + 0.1)),
    row('first frame, p50', 'firstFrameP50', seconds),
    row('first frame, p95', 'firstFrameP95', seconds, most(control('firstFrameP95')?.mean * goal.firstFrame)),
    row('stalls, all viewers', 'stalls', count, most(control('stalls')?.mean)),
    row('upload ÷ download, least', 'ratioMin', plain, least(goal.ratioMin)),
    row('upload ÷ download, most', 'ratioMax', plain),
    row('upload ÷ download since the join, most', 'ratioEverMax', plain, most(1)),
    row('origin fetches, most ÷ mean', 'originShareMax', plain, most(goal.shareMax)),
    row('CPU-seconds per viewer-minute', 'cpu', plain),
    ...(plan.line === undefined ? [] : [row('uplink on the wire ÷ bitrate', 'lineSent', plain), row('UDP lost', 'lineLost', share)]),
    row('blocks bought at the deadline', 'deadlineBlocks', count),
    row('bad bytes', 'badBytes', count, most(0)),
    row('honest viewers cut', 'bans', count, most(0)),
  ];
}

function goals({ viewers, line }) {
  if (line === undefined) return { firstFrame: 1.1, ...OFFLOAD[viewers] };
  // In networks of their own the few viewers' own first frames are all there are: their p95 is the worst of them.
  if (viewers !== CAPPED.viewers || line.uplink === undefined) return {};
  return { mean: (line.rttMs ?? 0) >= CAPPED.farMs ? CAPPED.meanFar : CAPPED.mean, each: 0, waste: CAPPED.waste };
}

/** The rows as text, columns aligned. */
export function print(table) {
  const head = { title: '', seen: 'mean (min–max)', rival: 'p2p-media-loader', control: 'p2p=off', goal: 'to reach', verdict: '' };
  const lines = [head, ...table];
  const beside = table.some(({ rival }) => rival !== NONE) ? ['rival', 'control'] : ['control'];
  const names = ['title', 'seen', ...beside, 'goal', 'verdict'];
  const widths = names.map((name) => Math.max(...lines.map((line) => [...line[name]].length)));
  return lines.map((line) => names.map((name, at) => line[name].padEnd(widths[at])).join('  ').trimEnd()).join('\n');
}

function show(seen, format) {
  if (seen === null) return NONE;
  const range = seen.min === seen.max ? '' : ` (${format(seen.min)}–${format(seen.max)})`;
  return format(seen.mean) + range;
}

function least(value) {
  return value === undefined ? {} : { least: value };
}

function most(value) {
  return value === undefined || Number.isNaN(value) ? {} : { most: value };
}

function judge(seen, limit, format) {
  if (limit === undefined || (limit.least === undefined && limit.most === undefined)) return { goal: '', verdict: '' };
  const each = limit.each ? `, each ≥ ${format(limit.each)}` : '';
  const goal = limit.least === undefined ? `≤ ${format(limit.most)}` : `≥ ${format(limit.least)}${each}`;
  const reached =
    seen !== null &&
    seen.mean >= (limit.least ?? -Infinity) &&
    seen.mean <= (limit.most ?? Infinity) &&
    seen.min >= (limit.each ?? -Infinity);
  return { goal, verdict: reached ? 'yes' : 'NO' };
}

/** From what viewers and origin counted to the figures of one run, and of several. Pure arithmetic. */

/**
 * One run's figures.
 *
 * @param {object} run what `run.mjs` measured
 */
export function figures({ viewers, starts = [], spend, seconds, cpuSeconds, lines = [], kbit = 0, blocks = [] }) {
  const grown = viewers.map(({ before, after }) => difference(before, after));
  const download = (one) => one.originBytes + one.peerBytes + one.superPeerBytes + one.plainBytes;
  const fetched = grown.map((one) => one.originBytes + one.plainBytes);
  const ratios = grown.map((one) => (download(one) === 0 ? 0 : one.uploadBytes / download(one)));
  const distances = viewers.flatMap((one) => one.distances);
  const firstFrames = [...viewers.map((one) => one.firstFrameMs), ...starts];
  const wasted = sum(grown.map((one) => one.duplicateBytes + one.lateBytes + one.badBytes));
  return {
    offload: spend.sizeBytes === 0 ? null : 1 - spend.spentBytes / (spend.sizeBytes * viewers.length),
    segments: spend.segments,
    copies: spend.sizeBytes === 0 ? null : spend.spentBytes / spend.sizeBytes,
    waste: wasted / Math.max(1, sum(grown.map(download))),
    distanceP50: quantile(distances, 0.5) / 1_000,
    distanceP95: quantile(distances, 0.95) / 1_000,
    firstFrameP50: quantile(firstFrames, 0.5) / 1_000,
    firstFrameP95: quantile(firstFrames, 0.95) / 1_000,
    firstFrames: firstFrames.map(Math.round),
    stalls: sum(viewers.map((one) => one.stalls)),
    stalledSeconds: sum(viewers.map((one) => one.stalledMs)) / 1_000,
    ratios,
    ratioMin: Math.min(...ratios),
    ratioMax: Math.max(...ratios),
    // The cap holds from the join on: within the window alone a viewer may give back what it took before.
    ratioEverMax: Math.max(...viewers.map(({ after }) => after.uploadRatio)),
    originShares: fetched.map((bytes) => bytes / Math.max(1, sum(fetched))),
    originShareMax: (Math.max(...fetched) * viewers.length) / Math.max(1, sum(fetched)),
    cpu: cpuSeconds / ((viewers.length * seconds) / 60),
    ...lineFigures(lines, kbit * 125 * seconds),
    boughtFor: reasons(blocks),
    deadlineBlocks: sum(grown.map((one) => one.deadlineBlocks)),
    badBytes: sum(grown.map((one) => one.badBytes)),
    bans: sum(viewers.map((one) => one.bans.length)),
    viewers: viewers.map((one, at) => ({
      firstFrameMs: Math.round(one.firstFrameMs),
      distanceP50Ms: quantile(one.distances, 0.5),
      stalls: one.stalls,
      bans: one.bans,
      ratio: ratios[at],
      ...grown[at],
    })),
  };
}

/** Why the blocks that viewers still keep were bought at the origin: each reason's share. */
function reasons(blocks) {
  const bought = blocks.filter(({ from, doneMs }) => from === null && doneMs !== null);
  const counts = new Map();
  for (const { reason } of bought) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, one], [, other]) => other - one).map(([reason, count]) => [reason, count / bought.length]));
}

/** What the viewers' own networks did in the window: bytes sent, as a share of the stream's, and datagrams lost. */
function lineFigures(lines, streamBytes) {
  if (lines.length === 0) return { lineSent: null, lineLost: null };
  const grown = lines.map(({ before, after }) => difference(before, after));
  return {
    lineSent: sum(grown.map((one) => one.sentBytes)) / (lines.length * streamBytes),
    lineLost: sum(grown.map((one) => one.lost)) / Math.max(1, sum(grown.map((one) => one.datagrams))),
  };
}

/** Mean, least and greatest of one figure over several runs; null where none has it. */
export function spread(runs, name) {
  const values = runs.map((run) => run[name]).filter((value) => value !== null && Number.isFinite(value));
  if (values.length === 0) return null;
  return { mean: sum(values) / values.length, min: Math.min(...values), max: Math.max(...values) };
}

/** The value that a share `at` of the values does not pass (nearest rank). */
export function quantile(values, at) {
  const sorted = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(at * sorted.length) - 1))];
}

function difference(before, after) {
  const names = Object.keys(after).filter((name) => typeof after[name] === 'number');
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]]));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}

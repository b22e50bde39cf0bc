/** The bench's arithmetic, by rows whose last column is the outcome. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { figures, quantile, spread } from '../bench/figures.mjs';
import { print, rows } from '../bench/table.mjs';

const ZERO = {
  originBytes: 0, peerBytes: 0, superPeerBytes: 0, plainBytes: 0, uploadBytes: 0,
  duplicateBytes: 0, lateBytes: 0, badBytes: 0, deadlineBlocks: 0, uploadRatio: 0,
};

const viewer = (after, more = {}) => ({
  before: ZERO, after: { ...ZERO, ...after }, distances: [6_000], firstFrameMs: 500, stalls: 0, stalledMs: 0, bans: [], ...more,
});

const run = (viewers, spend) => figures({ viewers, spend, seconds: 60, cpuSeconds: 12 });

test('two viewers who share every byte once reach one half', () => {
  const half = { originBytes: 500, peerBytes: 500, uploadBytes: 500 };
  const seen = run([viewer(half), viewer(half)], { segments: 1, sizeBytes: 1_000, spentBytes: 1_000 });
  assert.equal(seen.offload, 0.5);
  assert.equal(seen.copies, 1);
  assert.deepEqual(seen.ratios, [0.5, 0.5]);
  assert.equal(seen.originShareMax, 1);
  assert.equal(seen.cpu, 6);
});

test('what was there before the window does not count', () => {
  const one = { ...viewer({ originBytes: 900 }), before: { ...ZERO, originBytes: 600 } };
  const seen = run([one, viewer({ originBytes: 100 })], { segments: 1, sizeBytes: 400, spentBytes: 400 });
  assert.equal(seen.originShareMax, 1.5);
});

test('without any segment in the window there is no offload, rather than a wrong one', () => {
  const seen = run([viewer({})], { segments: 0, sizeBytes: 0, spentBytes: 0 });
  assert.equal(seen.offload, null);
  assert.equal(spread([seen], 'offload'), null);
});

test('those who came only to start count for the first frame and for nothing else', () => {
  const spend = { segments: 1, sizeBytes: 1_000, spentBytes: 500 };
  const seen = figures({ viewers: [viewer({})], starts: [700, 900], spend, seconds: 60, cpuSeconds: 12 });
  assert.deepEqual([seen.firstFrameP50, seen.firstFrameP95, seen.offload], [0.7, 0.9, 0.5]);
});

test('lines tell what they carried and lost in the window, and blocks why they were bought', () => {
  const lines = [{ before: { sentBytes: 50, datagrams: 100, lost: 10 }, after: { sentBytes: 1_050, datagrams: 200, lost: 12 } }];
  const bought = (reason) => ({ from: null, doneMs: 1, reason });
  const blocks = [bought('ahead'), bought('ahead'), bought('deadline'), { ...bought('ahead'), from: 'another' }, { ...bought('alone'), doneMs: null }];
  const seen = figures({ viewers: [viewer({})], spend: { segments: 0 }, seconds: 10, cpuSeconds: 1, kbit: 8, lines, blocks });
  assert.deepEqual([seen.lineSent, seen.lineLost], [0.1, 0.02]);
  assert.deepEqual(seen.boughtFor, { ahead: 2 / 3, deadline: 1 / 3 });
});

test('slow, lossy lines have a goal of their own, and long ones another', () => {
  const seen = { ...run([viewer({ originBytes: 1 })], { segments: 1, sizeBytes: 100, spentBytes: 100 }), offload: 0.63 };
  const verdict = (line) => rows({ viewers: 8, line }, { runs: [seen], controls: [] }).find((row) => row.title === 'offload').verdict;
  assert.deepEqual([verdict({ uplink: 1.2 }), verdict({ uplink: 1.2, rttMs: 40 })], ['NO', 'yes']);
});

test('quantiles are by nearest rank', () => {
  for (const [values, at, wanted] of [[[3, 1, 2], 0.5, 2], [[1], 0.95, 1], [[1, 2, 3, 4], 0.95, 4], [[1, null, 5], 0.5, 1]]) {
    assert.equal(quantile(values, at), wanted);
  }
  assert.ok(Number.isNaN(quantile([], 0.5)));
});

test('the table judges against the goal and against the control', () => {
  const base = run([viewer({ originBytes: 1 })], { segments: 1, sizeBytes: 100, spentBytes: 100 });
  const good = { ...base, offload: 0.87, waste: 0, originShareMax: 1, ratioMin: 0.8 };
  const far = { ...good, offload: 0.8, distanceP95: base.distanceP95 + 0.2 };
  const verdict = (table, title) => table.find((row) => row.title === title).verdict;
  assert.equal(verdict(rows({ viewers: 8 }, { runs: [good], controls: [base] }), 'offload'), 'yes');
  assert.equal(verdict(rows({ viewers: 8 }, { runs: [good, far], controls: [base] }), 'offload'), 'NO', 'one run is under what each must reach');
  assert.equal(verdict(rows({ viewers: 8 }, { runs: [far], controls: [base] }), 'behind live, p95'), 'NO');
  assert.equal(verdict(rows({ viewers: 8 }, { runs: [good], controls: [] }), 'behind live, p95'), '', 'without a control nothing is judged by it');
  assert.match(print(rows({ viewers: 8 }, { runs: [good], controls: [base] })), /offload +87\.0 %/);
});

test('the rival has a column where it was measured, and no figure that it does not tell', () => {
  const base = run([viewer({ originBytes: 1 })], { segments: 1, sizeBytes: 100, spentBytes: 100 });
  const rival = { ...base, offload: 0.77 };
  const text = print(rows({ viewers: 8 }, { runs: [base], controls: [base], rivals: [rival] }));
  assert.match(text, /p2p-media-loader/);
  assert.match(text, /offload +0\.0 % +77\.0 % +0\.0 %/);
  assert.match(text, /bytes wasted +0\.0 % +– +0\.0 %/);
  assert.doesNotMatch(print(rows({ viewers: 8 }, { runs: [base], controls: [base] })), /p2p-media-loader/);
});

/** What a viewer is told the stream does, and how often a lost one is tried again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { playState } = await load('element/state.ts');
const { retryMs } = await load('internal/retry.ts');
const { bufferedUntil, streamTime } = await load('internal/timeline.ts');

const BEFORE = {
  hasSource: true, supported: true, hasPlayed: false, broken: false, misses: 0, endList: false, paused: false,
  ended: false, ready: false,
};
const PLAYING = { ...BEFORE, hasPlayed: true, ready: true };

test('states follow from facts', () => {
  const rows = [
    [{ ...BEFORE, hasSource: false }, 'idle'],
    [{ ...BEFORE, supported: false }, 'unsupported'],
    [BEFORE, 'loading'],
    [{ ...BEFORE, paused: true }, 'loading'],
    [{ ...BEFORE, broken: true }, 'absent'],
    [PLAYING, 'playing'],
    [{ ...PLAYING, paused: true }, 'paused'],
    [{ ...PLAYING, broken: true }, 'playing'],
    [{ ...PLAYING, ready: false }, 'stalled'],
    [{ ...PLAYING, ready: false, broken: true }, 'dropped'],
    [{ ...PLAYING, ready: false, misses: 3 }, 'dropped'],
    [{ ...PLAYING, ready: false, ended: true, endList: true }, 'ended'],
    [{ ...PLAYING, endList: true }, 'playing'],
  ];
  for (const [facts, state] of rows) assert.equal(playState(facts), state, JSON.stringify(facts));
});

test('retries back off to a maximum, with jitter downwards only', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 40].map((attempt) => retryMs(attempt, 6e3, () => 1)), [1e3, 2e3, 4e3, 6e3, 6e3, 6e3]);
  assert.equal(retryMs(0, 6e3, () => 0), 500);
});

test('media time becomes stream time by the segment that covers it', () => {
  const segments = [
    { start: 10, duration: 2, programDateTime: 1_000_000 },
    { start: 12, duration: 2, programDateTime: 1_002_000 },
    { start: 14, duration: 2, programDateTime: 9_000_000 }, // After a discontinuity.
  ];
  const rows = [[9, 999_000], [10, 1_000_000], [13.5, 1_003_500], [14, 9_000_000], [20, 9_006_000]];
  for (const [media, stream] of rows) assert.equal(streamTime(segments, media), stream, String(media));
  assert.equal(streamTime([{ start: 0, duration: 2, programDateTime: null }], 1), undefined);
});

test('what is buffered ends at the first real gap', () => {
  const ranges = [[0, 4], [4.05, 8], [9, 12]];
  const buffered = { length: 3, start: (at) => ranges[at][0], end: (at) => ranges[at][1] };
  assert.deepEqual([1, 8.5, 9.5, 20].map((from) => bufferedUntil(buffered, from)), [8, 8.5, 12, 20]);
});

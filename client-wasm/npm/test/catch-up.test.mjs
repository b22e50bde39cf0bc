/** Catching up with live: when a picture is played faster, and that nobody else's rate is touched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { CatchUp, shouldHurry } = await load('internal/catch-up.ts');

test('a picture is played faster while it is late, live and well buffered', () => {
  const rows = [
    // late, buffer, faster, and then
    [0.1, 5, false, false],
    [0.2, 5, false, true],
    [0.1, 5, true, true],
    [0, 5, true, false],
    [-1, 5, true, false],
    [0.2, 2, false, false],
    [0.2, 2, true, false],
    [2.9, 5, false, true],
    [3, 5, false, false],
    [60, 5, true, false],
  ];
  for (const [late, buffer, faster, then] of rows) {
    assert.equal(shouldHurry({ late, buffer, segment: 2, faster }), then, `${late} s late, ${buffer} s buffered, ${faster}`);
  }
});

/** An instance of hls.js whose picture has 5 s of media ahead. */
function player(late, more = {}) {
  const buffered = { length: 1, start: () => 0, end: () => 15 };
  return {
    config: { lowLatencyMode: false, maxLiveSyncPlaybackRate: 1 },
    latestLevelDetails: { live: true, targetduration: 2 },
    latency: 6 + late,
    targetLatency: 6,
    media: { playbackRate: 1, currentTime: 10, buffered },
    ...more,
  };
}

test('it is played as before when it is there, and when the session ends', () => {
  const catchUp = new CatchUp(1.05);
  const hls = player(1);
  catchUp.look(hls);
  assert.equal(hls.media.playbackRate, 1.05);
  hls.latency = 6;
  catchUp.look(hls);
  assert.equal(hls.media.playbackRate, 1);

  hls.latency = 7;
  catchUp.look(hls);
  catchUp.end();
  assert.equal(hls.media.playbackRate, 1);
});

test('a video element that is taken away is played as before', () => {
  const catchUp = new CatchUp(1.05);
  const hls = player(1);
  const { media } = hls;
  catchUp.look(hls);
  hls.media = null;
  catchUp.look(hls);
  assert.equal(media.playbackRate, 1);
});

test('a rate that somebody else chose is left alone', () => {
  const catchUp = new CatchUp(1.05);
  const hls = player(1);
  hls.media.playbackRate = 1.5;
  catchUp.look(hls);
  assert.equal(hls.media.playbackRate, 1.5);

  hls.media.playbackRate = 1;
  catchUp.look(hls);
  hls.media.playbackRate = 0.5;
  catchUp.look(hls);
  catchUp.end();
  assert.equal(hls.media.playbackRate, 0.5);
});

test('nothing is played faster that is not live, that does it already, or where the page says 1', () => {
  const rows = [
    [1.05, { latestLevelDetails: { live: false, targetduration: 2 } }],
    [1.05, { latestLevelDetails: null }],
    [1.05, { targetLatency: null }],
    [1.05, { config: { lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.2 } }],
    [1, {}],
  ];
  for (const [rate, more] of rows) {
    const hls = player(1, more);
    new CatchUp(rate).look(hls);
    assert.equal(hls.media.playbackRate, 1, JSON.stringify(more));
  }
});

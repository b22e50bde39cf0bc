/** A live picture that is later than it need be plays a little faster until it is not, whoever brings the video. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** How long it may take on a busy machine; a second of lateness takes 20 s to make up. */
const WITHIN_MS = 90_000;

/** How long a picture may take to be where it was sent, and to be looked at. */
const LOOK_MS = 5_000;

/** Runs in the page: the picture is made late, and from the first time on its rates are kept. */
function beLate({ lateSeconds }) {
  const player = document.querySelector('shoal-player');
  const { video } = player;
  if (globalThis.rates === undefined) {
    globalThis.rates = [video.playbackRate];
    video.addEventListener('ratechange', () => globalThis.rates.push(video.playbackRate));
  }
  player.goLive();
  video.currentTime -= lateSeconds;
}

async function catchesUp(viewer) {
  const { page } = viewer;
  const rates = () => page.evaluate(() => globalThis.rates);
  const faster = async () => (await rates()).includes(expected.rate);
  await viewer.plays(expected.lateSeconds + 1);
  // A picture that stalls meanwhile is meant to be further from live from then on, and is not late any more.
  await until('it plays faster', async () => {
    await page.evaluate(beLate, expected);
    return until('its rate changes', faster, LOOK_MS).catch(() => false);
  }, WITHIN_MS);
  await until('it plays as before again', async () => (await rates()).at(-1) === 1, WITHIN_MS);
  assert.deepEqual([...new Set(await rates())].sort(), [1, expected.rate], 'it plays at no other rate');
  assert.equal(await page.evaluate(() => document.querySelector('shoal-player').video.preservesPitch), true);
  assert.deepEqual(viewer.errors, []);
}

test('who is late for live catches up, with P2P and without', async (t) => {
  const { watch } = await world(t);
  await Promise.all([await watch(), await watch({ p2p: 'off' })].map(catchesUp));
});

/** One Firefox among Chromiums: blocks go both ways between the two browsers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('Firefox and Chromium give each other blocks', async (t) => {
  const { watch, firefox, address } = await world(t);
  const fox = await (await firefox()).open(address());
  await fox.plays(1, 60_000);
  const chromes = [await watch(), await watch()];
  await fox.has('Firefox is given blocks', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 60_000);
  await fox.has('and gives some', ({ uploadBytes }) => uploadBytes > 0, 60_000);
  for (const viewer of [fox, ...chromes]) {
    await viewer.plays(2);
    const stats = await viewer.stats();
    assert.equal(stats.badBytes, 0);
    assert.deepEqual(viewer.errors, []);
  }
});

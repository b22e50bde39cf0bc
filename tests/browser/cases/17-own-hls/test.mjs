/** A page that has its own `<video>` and its own hls.js shares by one call, and is a neighbour like any other. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('attach(hls) makes a page share', async (t) => {
  const { watch } = await world(t);
  const own = await watch({}, { page: 'cases/17-own-hls/page.html' });
  const element = await watch();
  for (const viewer of [own, element]) {
    await viewer.plays(2);
    await viewer.has('blocks come from the other', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 40_000);
    assert.deepEqual(viewer.errors, []);
  }
  assert.equal((await own.stats()).mode, expected.mode);

  await own.page.evaluate(() => globalThis.shoalSession.destroy());
  await own.plays(4);
});

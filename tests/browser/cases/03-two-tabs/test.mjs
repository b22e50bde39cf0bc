/** Two tabs find each other by the tracker and give each other blocks, each verified, none sent beyond what came in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('two tabs trade verified blocks', async (t) => {
  const { watch } = await world(t);
  const viewers = [await watch(), await watch()];
  await Promise.all(viewers.map((viewer) => viewer.plays(2)));
  for (const viewer of viewers) {
    await viewer.has('blocks came from the other', (stats) => stats.peerBlocks >= expected.blocksFromOtherMin, 40_000);
  }
  for (const viewer of viewers) {
    const stats = await viewer.stats();
    assert.equal(stats.links, 1);
    assert.equal(stats.badBytes, expected.badBytes);
    assert.ok(stats.uploadBytes > 0, 'each gave something');
    assert.ok(stats.uploadRatio <= expected.uploadRatioMax, `upload ÷ download is ${stats.uploadRatio}`);
    assert.deepEqual(viewer.errors, []);
  }
  const [given, taken] = [await viewers[0].peers(), await viewers[1].blocks()];
  assert.equal(given.length, 1);
  const names = new Set(taken.filter(({ status }) => status === 'have-peer').map(({ from }) => from));
  assert.equal(names.size, 1, 'every traded block names the one who gave it');
  assert.ok(!names.has(given[0].peer), 'and that is the other, not oneself');
});

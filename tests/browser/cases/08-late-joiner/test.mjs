/** A viewer who joins a running swarm sees the picture as fast as ever, and is soon served by the others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('a viewer who joins late is served by those who are there', async (t) => {
  const { watch } = await world(t);
  const first = [await watch(), await watch()];
  for (const viewer of first) await viewer.has('the first two trade', (stats) => stats.peerBlocks >= 4, 40_000);

  const late = await watch();
  await late.plays(1, expected.firstPictureMs);
  await late.has('both others are its neighbours', ({ links }) => links === 2, 20_000);
  await late.has('they give it its share', ({ offload }) => offload >= expected.offloadMin, 40_000);
  assert.deepEqual(late.errors, []);
});

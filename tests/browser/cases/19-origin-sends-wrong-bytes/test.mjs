/** An origin (or a cache before it) that sends wrong bytes is found out by its own signed list, and survived. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('wrong bytes of the origin are refused and told, and the picture goes on once it is mended', async (t) => {
  const { stack, watch } = await world(t, { own: {} });
  const viewers = [await watch(), await watch()];
  for (const viewer of viewers) await viewer.plays(2);

  await stack.faults({ corrupt_block: expected.block });
  const told = async () => (await Promise.all(viewers.map((viewer) => viewer.told('error')))).flat();
  await eventually('it is told', told, (errors) => errors.some(({ code }) => code === expected.code), 30_000);
  await stack.faults({});
  for (const viewer of viewers) {
    const { at } = await viewer.picture();
    await eventually('the picture moves', viewer.picture, (picture) => picture.at >= at + 6, expected.resumesWithinMs);
    const { peersBanned } = await viewer.stats();
    assert.equal(peersBanned, 0, 'no viewer is blamed for it');
  }
});

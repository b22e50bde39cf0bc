/** The tracker down from the start, coming up, and going down again: the stream plays, and open links keep trading. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Door } from '../../harness/door.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('the stream plays while the tracker is down, and viewers find each other when it is up', async (t) => {
  const { stack, watch, ending } = await world(t);
  const door = await new Door(stack.tracker).reserve();
  ending(() => door.shut());
  const viewers = [await watch({ trackers: door.url }), await watch({ trackers: door.url })];
  for (const viewer of viewers) {
    await viewer.plays(2);
    assert.equal((await viewer.stats()).links, 0);
  }

  await door.open();
  for (const viewer of viewers) {
    await viewer.has('the other is found', ({ links }) => links === 1, expected.foundWithinMs);
  }

  await door.shut();
  const [one] = viewers;
  const before = await one.stats();
  await one.has('they trade on without a tracker', ({ peerBlocks }) => peerBlocks >= before.peerBlocks + 4, 40_000);
  await one.plays(2);
  assert.equal((await one.stats()).links, 1);
});

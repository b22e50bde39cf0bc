/** The origin slow, and then failing for ten seconds: the picture goes on, or resumes by itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('an origin that is slow and then fails for ten seconds is survived', async (t) => {
  const { stack, watch } = await world(t, { own: {} });
  const viewers = [await watch(), await watch()];
  for (const viewer of viewers) await viewer.plays(2);

  await stack.faults({ delay_ms: expected.slowMs });
  for (const viewer of viewers) await viewer.plays(4);

  await stack.failsFor(expected.downMs);
  for (const viewer of viewers) {
    const { at } = await viewer.picture();
    await eventually('the picture moves again', viewer.picture, (picture) => picture.at >= at + 4, expected.resumesWithinMs);
    await eventually('the state says so', viewer.state, (state) => state === 'playing', expected.resumesWithinMs);
    assert.equal((await viewer.stats()).peersBanned, 0, 'the origin’s failure is nobody’s fault');
    assert.deepEqual(viewer.errors, []);
  }
});

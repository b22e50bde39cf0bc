/** The origin slow, and then failing for ten seconds: the picture goes on, or resumes by itself, for who joins then too. */

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

  const failing = stack.failsFor(expected.downMs);
  const late = await watch({ descriptor: new URL('shoal.json', stack.playlist).href });
  await eventually('the one who joins now has no descriptor', late.told.bind(null, 'mode'),
    (modes) => modes.some(({ reason }) => reason === expected.joining), expected.downMs);
  await failing;
  for (const viewer of [...viewers, late]) {
    const { at } = await viewer.picture();
    await eventually('the picture moves again', viewer.picture, (picture) => picture.at >= at + 4, expected.resumesWithinMs);
    await eventually('the state says so', viewer.state, (state) => state === 'playing', expected.resumesWithinMs);
    assert.equal((await viewer.stats()).peersBanned, 0, 'the origin’s failure is nobody’s fault');
    assert.deepEqual(viewer.errors, []);
  }
  await late.has('who joined then shares by and by', ({ mode, peerBlocks }) => mode === 'p2p' && peerBlocks > 0, expected.resumesWithinMs);
});

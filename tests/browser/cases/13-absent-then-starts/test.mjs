/** A stream that has not started is shown as such, and plays by itself once it starts. */

import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('a viewer who is early waits and then sees the stream', async (t) => {
  const { stack, watch } = await world(t, { own: { source: false } });
  const viewer = await watch();
  await eventually('the stream is shown as absent', viewer.state, (state) => state === expected.absent, 20_000);
  await stack.startSource();
  await viewer.plays(2, expected.playsWithinMs);
  await eventually('it is shown as playing', viewer.state, (state) => state === 'playing', 10_000);
});

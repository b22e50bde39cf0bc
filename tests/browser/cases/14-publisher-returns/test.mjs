/** The publisher drops and returns: that is shown, and the picture resumes by itself, past the discontinuity. */

import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('when the publisher returns the picture resumes', async (t) => {
  const { stack, watch } = await world(t, { own: {} });
  const viewers = [await watch(), await watch()];
  for (const viewer of viewers) await viewer.plays(2);

  await stack.stopSource();
  for (const viewer of viewers) {
    await eventually('the drop is shown', viewer.state, (state) => expected.shown.includes(state), 40_000);
  }
  const stopped = await Promise.all(viewers.map((viewer) => viewer.picture()));
  await stack.startSource();
  for (const [at, viewer] of viewers.entries()) {
    await eventually('the picture goes on', viewer.picture, (picture) => picture.at >= stopped[at].at + 4,
      expected.resumesWithinMs);
  }
});

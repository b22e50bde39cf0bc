/**
 * The publisher drops and returns: that is shown, and the picture resumes by itself, past the discontinuity. It ends and
 * returns: the stream plays to its end, that is shown, and it is seen again when it is on air again.
 */

import assert from 'node:assert/strict';
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

test('a stream that has ended is shown as such, and comes back by itself', async (t) => {
  const { stack, watch } = await world(t, { own: { end_ms: expected.endMs } });
  const native = await watch({}, { before: () => delete globalThis.MediaSource });
  const viewers = [await watch(), await watch(), native];
  for (const viewer of viewers) await viewer.plays(2);

  await stack.stopSource();
  for (const viewer of viewers) {
    await eventually('the end is shown', viewer.state, (state) => state === 'ended', expected.endsWithinMs);
    assert.equal(await viewer.page.evaluate(() => document.querySelector('shoal-player').video.ended), true, 'after all of it');
  }
  await stack.startSource();
  for (const viewer of viewers) {
    await eventually('it is on air again', viewer.state, (state) => state === 'playing', expected.resumesWithinMs);
    await viewer.plays(2);
    assert.deepEqual(viewer.errors, []);
  }
});

/** A tab that goes to the background only downloads, plays on, and shares again when it comes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page: headless pages are never hidden by themselves, so the page is told that it is. */
function hide(hidden) {
  Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
  Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => (hidden ? 'hidden' : 'visible') });
  document.dispatchEvent(new Event('visibilitychange'));
}

test('a tab in the background plays on and gives the others nothing to wait for', async (t) => {
  const { watch } = await world(t);
  const [tab, other] = [await watch(), await watch()];
  for (const viewer of [tab, other]) await viewer.has('they trade', (stats) => stats.peerBlocks >= 2, 40_000);

  await tab.page.evaluate(hide, true);
  const hidden = await tab.stats();
  await tab.plays(6);
  await other.plays(6);
  const after = await tab.stats();
  const came = (stats) => stats.peerBlocks + stats.originBlocks;
  assert.ok(came(after) >= came(hidden) + expected.blocksMin, 'it goes on downloading');

  await tab.page.evaluate(hide, false);
  await tab.has('it gives again', ({ uploadBytes }) => uploadBytes > after.uploadBytes, 40_000);
});

/**
 * A tab that goes to the background plays on and goes on giving, unless it is told to give only while it is looked at, or
 * never. A page that is put away, while its viewer reads another one, says good-bye, and plays and shares when they go back.
 */

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

/** Runs in the page. */
const setUpload = (value) => document.querySelector('shoal-player').setAttribute('upload', value);
const noteReturn = () => addEventListener('pageshow', ({ persisted }) => {
  globalThis.takenOut = persisted;
});

test('a tab in the background gives as its page says', async (t) => {
  const { address, tabs, watch } = await world(t);
  // Three: of two, one that does not buy has nothing that the other lacks.
  const [tab, other, third] = [await (await tabs()).open(address()), await watch(), await watch()];
  for (const viewer of [tab, other, third]) await viewer.has('they trade', (stats) => stats.peerBlocks >= 2, 40_000);
  const came = (stats) => stats.peerBlocks + stats.originBlocks;
  const gives = async (what) => {
    const before = await tab.stats();
    await tab.has(what, (stats) => stats.uploadBytes > before.uploadBytes, 40_000);
  };
  const keeps = async (what) => {
    // What was promised before is still sent.
    const { uploadBytes } = await tab.plays(expected.settleSeconds).then(tab.stats);
    const before = await tab.stats();
    await tab.has('it goes on downloading', (stats) => came(stats) >= came(before) + expected.blocksMin, 40_000);
    assert.equal((await tab.stats()).uploadBytes, uploadBytes, what);
  };

  await tab.page.evaluate(hide, true);
  await gives('by default it goes on giving');
  await tab.page.evaluate(setUpload, 'visible');
  await keeps('hidden, it gives nothing');
  await tab.page.evaluate(hide, false);
  await gives('looked at, it gives again');
  await tab.page.evaluate(setUpload, 'off');
  await keeps('it never gives');
  assert.equal((await other.stats()).peersBanned, 0, 'which is no offence');
  await tab.page.evaluate(setUpload, 'on');

  await tab.page.evaluate(noteReturn);
  await tab.page.goto(address({}, { page: 'pages/clock.js' }));
  await other.has('its neighbour hears of it', ({ links }) => links === 1, 20_000);
  await tab.page.goBack({ waitUntil: 'commit' });
  assert.equal(await tab.page.evaluate(() => globalThis.takenOut), true, 'it is the same page');
  await tab.plays(1);
  await tab.has('it is in the swarm again', ({ mode, links }) => mode === 'p2p' && links === 2, 40_000);
  await gives('and gives');
});

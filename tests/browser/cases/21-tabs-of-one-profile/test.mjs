/** Several tabs of one browser, as it comes: they share its six connections to the origin, and hide their addresses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in a page: how long each of its playlists took, in ms, waiting for a connection included. */
const playlists = () =>
  performance.getEntriesByType('resource').filter(({ name }) => name.includes('.m3u8')).map(({ duration }) => duration);

test('tabs of one profile trade, and GETs that wait at the origin keep nobody from the playlist', async (t) => {
  const { address, tabs } = await world(t);
  const browser = await tabs();
  const viewers = [];
  for (let at = 0; at < expected.tabs; at += 1) viewers.push(await browser.open(address()));
  for (const viewer of viewers) {
    await viewer.plays(1);
    await viewer.has('all others are neighbours', ({ links }) => links === expected.tabs - 1, 40_000);
  }
  const before = await Promise.all(viewers.map((viewer) => viewer.stats()));
  const stalls = await Promise.all(viewers.map((viewer) => viewer.stalls()));
  await Promise.all(viewers.map((viewer) => viewer.page.evaluate(() => performance.clearResourceTimings())));
  await Promise.all(viewers.map((viewer) => viewer.plays(expected.seconds)));

  for (const [at, viewer] of viewers.entries()) {
    const took = await viewer.page.evaluate(playlists);
    assert.ok(took.length > 0 && Math.max(...took) <= expected.playlistMsMax, `tab ${at}: its playlists took ${took} ms`);
    assert.equal((await viewer.stalls()) - stalls[at], expected.stalls, `tab ${at}`);
    const { peerBlocks, deadlineBlocks } = await viewer.stats();
    assert.ok(peerBlocks - before[at].peerBlocks >= expected.blocksMin, `tab ${at} was given ${peerBlocks} blocks`);
    assert.ok(deadlineBlocks - before[at].deadlineBlocks <= expected.deadlinesMax, `tab ${at} bought at the deadline`);
    assert.deepEqual(viewer.errors, []);
  }
});

/**
 * Two tabs find each other by the tracker and give each other blocks, each verified, none sent beyond what came in. One of
 * them is told where the descriptor is, and shows a token with everything that it asks of the origin.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('two tabs trade verified blocks', async (t) => {
  const { address, chromium, stack, watch } = await world(t);
  const told = await chromium.open('about:blank');
  const asked = [];
  told.page.on('request', async (request) => asked.push({ url: request.url(), ...(await request.allHeaders()) }));
  const descriptor = new URL('shoal.json?by=attribute', stack.playlist).href;
  await told.page.goto(address({ descriptor, token: expected.token }));
  const viewers = [told, await watch()];
  await Promise.all(viewers.map((viewer) => viewer.plays(2)));
  for (const viewer of viewers) {
    await viewer.has('blocks came from the other', (stats) => stats.peerBlocks >= expected.blocksFromOtherMin, 40_000);
  }
  for (const viewer of viewers) {
    const stats = await viewer.stats();
    assert.equal(stats.links, 1);
    assert.equal(stats.swarmSize, 2);
    assert.equal(stats.badBytes, expected.badBytes);
    assert.ok(stats.uploadBytes > 0, 'each gave something');
    assert.ok(stats.uploadRatio <= expected.uploadRatioMax, `upload ÷ download is ${stats.uploadRatio}`);
    assert.deepEqual(viewer.errors, []);
  }
  const [given, taken] = [await viewers[0].peers(), await viewers[1].blocks()];
  assert.equal(given.length, 1);
  const names = new Set(taken.filter(({ status }) => status === 'have-peer').map(({ from }) => from));
  assert.equal(names.size, 1, 'every traded block names the one who gave it');
  assert.ok(!names.has(given[0].peer), 'and that is the other, not oneself');

  const live = asked.filter(({ url }) => url.includes('/live/'));
  for (const kind of [/master\.m3u8/, /index\.m3u8/, /init\.mp4/, /\/hashes/, /\/blocks\/|\.m4s/]) {
    assert.ok(live.some(({ url }) => kind.test(url)), `it asked for ${kind}`);
  }
  const bare = live.filter((request) => request['x-token'] !== expected.token && request[':method'] !== 'OPTIONS');
  assert.deepEqual(bare.map(({ url }) => url), [], 'everything was asked for with the token');
  assert.deepEqual(live.map(({ url }) => url).filter((url) => url.includes('shoal.json')), [descriptor]);
});

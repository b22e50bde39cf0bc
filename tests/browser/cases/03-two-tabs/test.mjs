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
  // Headers are asked for when all is over: a request that is still on its way when the page closes has none.
  const requests = [];
  told.page.on('requestfinished', (request) => requests.push(request));
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

  const live = requests.filter((request) => request.url().includes('/live/'));
  const urls = live.map((request) => request.url());
  for (const kind of [/master\.m3u8/, /index\.m3u8/, /init\.mp4/, /\/hashes/, /\/blocks\/|\.m4s/]) {
    assert.ok(urls.some((url) => kind.test(url)), `it asked for ${kind}`);
  }
  const bare = [];
  for (const request of live.filter((each) => each.method() !== 'OPTIONS')) {
    if ((await request.headerValue('x-token')) !== expected.token) bare.push(request.url());
  }
  assert.deepEqual(bare, [], 'everything was asked for with the token');
  assert.deepEqual(urls.filter((url) => url.includes('shoal.json')), [descriptor]);
});

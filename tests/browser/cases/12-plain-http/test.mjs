/**
 * A page on plain http has no `crypto.subtle`: it loads the fallback, which secure pages never do, and trades as they do.
 * One that cannot load it plays plain HLS and blames nobody.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PLAIN_HOST } from '../../harness/chromium.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** The scripts of the package that a page has loaded. */
const scripts = (viewer) =>
  viewer.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
    .filter((path) => path.startsWith('/player/') && path.endsWith('.js')));

test('a page without crypto.subtle verifies and trades blocks', async (t) => {
  const { address, chromium, watch, watchPlainHttp } = await world(t);
  const plain = await watchPlainHttp();
  assert.equal(await plain.page.evaluate(() => globalThis.isSecureContext || crypto.subtle !== undefined), false);
  const secure = await watch();
  for (const viewer of [plain, secure]) {
    await viewer.plays(2);
    await viewer.has('blocks come from the other', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 60_000);
    assert.equal((await viewer.stats()).badBytes, 0);
    assert.deepEqual(viewer.errors, []);
  }
  const [loadedPlain, loadedSecure] = [await scripts(plain), await scripts(secure)];
  const only = loadedPlain.filter((path) => !loadedSecure.includes(path));
  assert.equal(only.length, 1, `one script is loaded for the lack of crypto.subtle: ${only}`);

  const lacking = await chromium.open('about:blank');
  await lacking.page.route(`**${only[0]}`, (route) => route.abort());
  await lacking.page.goto(address({}, { host: PLAIN_HOST }));
  await lacking.plays(2);
  const { mode, plainReason } = await lacking.stats();
  assert.deepEqual([mode, plainReason], ['plain', expected.lacking]);
  await lacking.page.unroute(`**${only[0]}`);
  await lacking.has('it is tried again, and then it trades', ({ peerBlocks }) => peerBlocks > 0, 60_000);
  for (const viewer of [plain, secure, lacking]) assert.equal((await viewer.stats()).peersBanned, 0, 'nobody is blamed');
});

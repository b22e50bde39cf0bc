/** Viewers who vanish while others wait for their blocks: the blocks come from elsewhere, and the picture goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page of one who will leave: once told to, keeps every block back, so that somebody is waiting for it. */
function keepBack() {
  globalThis.keptBack = 0;
  globalThis.keeping = false;
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function sendUnlessKept(data) {
    if (!globalThis.keeping || data.byteLength < 4_096) return send.call(this, data);
    globalThis.keptBack += 1;
    return undefined;
  };
}

test('peers that leave in mid-block cost nobody the picture', async (t) => {
  const { watch } = await world(t);
  const stayer = await watch();
  const leavers = [await watch({}, { before: keepBack }), await watch({}, { before: keepBack })];
  await stayer.plays(2);
  await stayer.has('blocks come from both', (stats) => stats.peerBlocks >= 4 && stats.links === 2, 40_000);
  const stalls = await stayer.stalls();

  for (const leaver of leavers) {
    await leaver.page.evaluate(() => {
      globalThis.keeping = true;
    });
    await until('somebody waits for a block', () => leaver.page.evaluate(() => globalThis.keptBack > 0), 30_000);
    await leaver.close();
  }
  await stayer.has('both are gone', ({ links }) => links === 0, 30_000);
  await stayer.plays(6);
  assert.equal((await stayer.stalls()) - stalls, expected.stallsMax);
});

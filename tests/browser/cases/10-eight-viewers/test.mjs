/** Eight viewers at once: everybody is linked to everybody, most of the video comes from viewers, nobody overpays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('eight viewers give each other most of the video', async (t) => {
  const { watch } = await world(t);
  const viewers = [];
  for (let at = 0; at < expected.viewers; at += 1) viewers.push(await watch());
  for (const viewer of viewers) {
    await viewer.plays(2);
    await viewer.has('all others are neighbours', ({ links }) => links >= expected.linksMin, 40_000);
  }
  // What came before the swarm was complete is left out.
  const before = await Promise.all(viewers.map((viewer) => viewer.stats()));
  const enough = ({ peerBlocks, originBlocks }, at) =>
    peerBlocks + originBlocks >= before[at].peerBlocks + before[at].originBlocks + 24;
  const after = await Promise.all(
    viewers.map((viewer, at) => viewer.has('six segments later', (stats) => enough(stats, at), 40_000)),
  );

  const sum = (stats, name) => stats.reduce((total, one) => total + one[name], 0);
  const grown = (name) => sum(after, name) - sum(before, name);
  const offload = grown('peerBytes') / (grown('peerBytes') + grown('originBytes') + grown('plainBytes'));
  t.diagnostic(`offload ${offload.toFixed(3)}`);
  assert.ok(offload >= expected.offloadMin, `offload ${offload}`);
  assert.equal(sum(after, 'badBytes'), 0);
  assert.equal(sum(after, 'peersBanned'), 0, 'nobody here deserves to be cut');
  for (const stats of after) assert.ok(stats.uploadRatio <= expected.ratioMax, `upload ÷ download ${stats.uploadRatio}`);
});

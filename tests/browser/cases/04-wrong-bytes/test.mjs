/** A viewer that sends wrong bytes is named and cut by everybody it lies to; nothing wrong reaches the decoder. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };
import { lie, watchDecoder } from './liar.mjs';

test('a peer that sends wrong bytes is named and cut, and nothing bad is played', async (t) => {
  const { watch } = await world(t);
  const liar = await watch({}, { before: lie });
  await liar.has('the liar has something to give', (stats) => stats.originBlocks >= 4, 20_000);
  const honest = [await watch({}, { before: watchDecoder }), await watch({}, { before: watchDecoder })];
  await Promise.all(honest.map((viewer) => viewer.plays(2)));

  const named = [];
  for (const viewer of honest) {
    const [ban] = await eventually('the liar is cut', () => viewer.told('peer-banned'), (bans) => bans.length > 0, 60_000);
    assert.equal(ban.offence, expected.offence);
    named.push(ban.peer);
  }
  assert.equal(named[0], named[1], 'both name the same viewer');
  for (const viewer of honest) {
    const before = await viewer.stats();
    assert.ok(before.badBytes > 0, 'the bad block is counted');
    await viewer.has('honest viewers go on trading',
      (stats) => stats.peerBlocks >= before.peerBlocks + expected.blocksFromHonestMin, 40_000);
    const peers = await viewer.peers();
    assert.ok(peers.every(({ peer }) => peer !== named[0]), 'the liar is not dialled again');
    const taken = (await viewer.blocks()).filter(({ status, from }) => status === 'have-peer' && from === named[0]);
    assert.deepEqual(taken, [], 'no block of the liar was kept');
    assert.equal(await viewer.page.evaluate(() => globalThis.badAppends), 0, 'nothing bad reached the decoder');
    await viewer.plays(2);
  }
});

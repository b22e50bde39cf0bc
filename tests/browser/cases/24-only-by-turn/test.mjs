/**
 * Viewers whose networks let nothing through but a relay: they meet at the operator's TURN server, with users that the
 * tracker lends each of them for a while. One who is lent nothing meets nobody, and plays.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Turn } from '../../harness/turn.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const SECRET = 'north';

/** Runs in the page before its scripts: candidates of relays only. Who is a pauper forgets what it is lent. */
function relayedOnly({ pauper }) {
  globalThis.connections = [];
  const Original = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Original {
    constructor({ iceServers }) {
      super({ iceServers: pauper ? [] : iceServers, iceTransportPolicy: 'relay' });
      globalThis.connections.push(this);
    }
  };
}

/** Runs in the page: of each connection that stands, its user at the TURN server and what kinds of candidates it goes by. */
async function ways() {
  const found = [];
  for (const connection of globalThis.connections.filter(({ connectionState }) => connectionState === 'connected')) {
    const stats = new Map(await connection.getStats());
    const { selectedCandidatePairId: pair } = [...stats.values()].find(({ type }) => type === 'transport');
    const { localCandidateId: local, remoteCandidateId: remote } = stats.get(pair);
    const { username } = connection.getConfiguration().iceServers.find(({ urls }) => [urls].flat()[0].startsWith('turn:'));
    found.push({ username, local: stats.get(local).candidateType, remote: stats.get(remote).candidateType });
  }
  return found;
}

test('viewers who can meet only at a relay share by the one that the tracker lends them', async (t) => {
  const turn = await Turn.start(SECRET);
  t.after(() => turn.stop());
  const tracker = `ice_servers = ["${turn.url}"]\nturn_secret = "${SECRET}"\nturn_ttl_s = ${expected.credentialSeconds}`;
  const { watch } = await world(t, { own: { tracker } });
  const viewers = [];
  for (const pauper of [false, false, true]) viewers.push(await watch({}, { before: relayedOnly, arg: { pauper } }));
  const [pauper, ...members] = viewers.reverse();
  for (const viewer of members) {
    await viewer.has('blocks came from the other', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 60_000);
  }

  const users = new Set();
  for (const viewer of members) {
    const { links, badBytes } = await viewer.stats();
    assert.deepEqual({ links, badBytes, errors: viewer.errors }, { links: 1, badBytes: 0, errors: [] });
    const [way, ...others] = await viewer.page.evaluate(ways);
    assert.deepEqual({ local: way?.local, remote: way?.remote, others }, { local: 'relay', remote: 'relay', others: [] });
    const ends = Number(way.username.split(':')[0]) * 1_000;
    assert.ok(ends > Date.now() && ends <= Date.now() + expected.credentialSeconds * 1_000, `it ends: ${way.username}`);
    users.add(way.username);
  }
  assert.equal(users.size, 2, 'each has a user of its own');

  await pauper.plays(4);
  const { links, peerBlocks } = await pauper.stats();
  assert.deepEqual({ links, peerBlocks, errors: pauper.errors }, { links: 0, peerBlocks: 0, errors: [] });
});

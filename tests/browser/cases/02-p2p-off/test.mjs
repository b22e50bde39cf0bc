/** The control: with P2P off the page plays plain HLS, and loads, opens and sends nothing for the swarm's sake. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('with p2p=off the page plays from the origin alone', async (t) => {
  const { chromium, stack } = await world(t);
  const viewer = await chromium.open('about:blank');
  const requests = [];
  viewer.page.on('request', (request) => requests.push(request.url()));
  viewer.page.on('websocket', (socket) => requests.push(socket.url()));
  await viewer.page.goto(`${stack.page}?p2p=off`);
  await viewer.plays(4);

  const stats = await viewer.stats();
  assert.equal(stats.mode, expected.mode);
  assert.equal(stats.plainReason, expected.plainReason);
  assert.ok(stats.plainBytes > 0, 'the origin brought the video');
  assert.equal(stats.peerBytes + stats.uploadBytes, 0);
  // The room beside the picture is no part of the swarm: its socket, and the module that draws its lines.
  const ofRoom = (url) => /\/sub$|\/comments-[^/]+\.wasm$/.test(url);
  const forSwarm = requests.filter((url) => /^wss?:|\.wasm$|\/blocks\/|\/hashes/.test(url) && !ofRoom(url));
  assert.deepEqual(forSwarm, [], 'nothing is loaded for the swarm');
  assert.deepEqual(viewer.errors, []);
});

/** `destroy()` leaves nothing behind: by the session's own count, by the browser's, and in memory. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page before its scripts: counts what the browser holds open. */
function count() {
  globalThis.opened = { connections: [], sockets: [], intervals: new Set() };
  const { RTCPeerConnection: Connection, WebSocket: Socket } = globalThis;
  globalThis.RTCPeerConnection = class extends Connection {
    constructor(...args) {
      super(...args);
      globalThis.opened.connections.push(this);
    }
  };
  globalThis.WebSocket = class extends Socket {
    constructor(...args) {
      super(...args);
      globalThis.opened.sockets.push(this);
    }
  };
  const { setInterval: start, clearInterval: stop } = globalThis;
  globalThis.setInterval = (...args) => {
    const id = start(...args);
    // Only the package's own: the page observes the picture by an interval too.
    if (new Error().stack.includes('/player/')) globalThis.opened.intervals.add(id);
    return id;
  };
  globalThis.clearInterval = (id) => {
    globalThis.opened.intervals.delete(id);
    stop(id);
  };
}

/** What is still open, as the browser sees it. */
const open = (viewer) =>
  viewer.page.evaluate(() => ({
    connections: globalThis.opened.connections.filter(({ connectionState }) => connectionState !== 'closed').length,
    sockets: globalThis.opened.sockets.filter(({ readyState }) => readyState < WebSocket.CLOSING).length,
  }));

test('a destroyed session holds nothing', async (t) => {
  const { watch } = await world(t);
  const [gone, stays] = [await watch({}, { before: count }), await watch()];
  for (const viewer of [gone, stays]) await viewer.has('they trade', ({ peerBlocks }) => peerBlocks >= 2, 40_000);

  await gone.page.evaluate(() => {
    globalThis.shoalSession = document.querySelector('shoal-player').session;
    globalThis.shoalSession.destroy();
  });
  const left = await gone.page.evaluate(() => globalThis.shoalSession.resources());
  assert.deepEqual(left, expected.resources);
  assert.deepEqual(await open(gone), { connections: 0, sockets: 0 });
  await stays.has('the other notices', ({ links }) => links === 0, 20_000);
  await stays.plays(2);
});

/** Runs in the page: what shall be collected once the element is gone, and weakly held, so that it can be. */
function holdWeakly() {
  const player = document.querySelector('shoal-player');
  const held = { player, session: player.session, video: player.video };
  globalThis.weak = Object.entries(held).map(([name, object]) => [name, new WeakRef(object)]);
}

/** Bytes that the page holds after a full collection: objects, and buffers beside them. */
async function memory(browser) {
  await browser.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = await browser.send('Runtime.getHeapUsage');
  return { usedSize, backingStorageSize };
}

test('an element that leaves the page takes everything with it, and its memory is given back', async (t) => {
  const { address, chromium, watch } = await world(t);
  const [gone, stays] = [await chromium.open(address({}, { page: 'cases/15-destroy/page.html' }), { before: count }), await watch()];
  for (const viewer of [gone, stays]) await viewer.has('they trade', ({ peerBlocks }) => peerBlocks >= 2, 40_000);
  const browser = await gone.page.context().newCDPSession(gone.page);
  await gone.has('it holds blocks', ({ segmentsReady }) => segmentsReady >= expected.segments, 40_000);
  const held = await memory(browser);

  await gone.page.evaluate(holdWeakly);
  await gone.page.evaluate(() => document.querySelector('shoal-player').remove());
  await eventually('everything is closed', () => open(gone), (held) => held.connections + held.sockets === 0, 10_000);
  const intervals = await gone.page.evaluate(() => globalThis.opened.intervals.size);
  assert.equal(intervals, 0, 'no interval goes on');
  const alive = async () => {
    const left = await memory(browser);
    t.diagnostic(`${JSON.stringify(held)} → ${JSON.stringify(left)}`);
    return gone.page.evaluate(() => globalThis.weak.filter(([, ref]) => ref.deref() !== undefined).map(([name]) => name));
  };
  await eventually('nothing of it is reachable', alive, (names) => names.length === 0, 10_000);
  const left = await memory(browser);
  assert.ok(left.backingStorageSize <= held.backingStorageSize - expected.buffersMin, `${JSON.stringify([held, left])}`);
  await stays.has('the other notices', ({ links }) => links === 0, 20_000);
});

/**
 * A browser that lacks what sharing needs plays plain HLS and says what it lacks; one that is merely old, or whose network
 * failed once, shares.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page before its scripts. */
const lack = (names) => names.forEach((name) => delete globalThis[name]);
const lackHls = () => {
  delete globalThis.MediaSource;
  HTMLMediaElement.prototype.canPlayType = () => '';
};

/** Runs in the page before its scripts: Chromium before 115 compiles and instantiates 4 KB at once, and more only by and by. */
function ageModule() {
  for (const name of ['Module', 'Instance']) {
    WebAssembly[name] = new Proxy(WebAssembly[name], {
      construct: () => {
        throw new RangeError(`WebAssembly.${name} is disallowed on the main thread`);
      },
    });
  }
}

test('without WebRTC or WebAssembly the page plays plain HLS, and the session says so', async (t) => {
  const { watch } = await world(t);
  for (const { without, plainReason } of expected.plain) {
    const viewer = await watch({}, { before: lack, arg: [without] });
    await viewer.plays(2);
    const stats = await viewer.stats();
    assert.deepEqual([stats.mode, stats.plainReason], ['plain', plainReason]);
    assert.ok(stats.plainBytes > 0);
    assert.deepEqual(viewer.errors, []);
  }
});

test('without Media Source Extensions the browser plays by its own HLS, or says that it cannot', async (t) => {
  const { demo, watch } = await world(t);
  const native = await watch({}, { before: lack, arg: ['MediaSource', 'WebAssembly'] });
  await native.plays(2);
  await eventually('it is shown as playing', native.state, (state) => state === 'playing', 5_000);
  assert.equal(await native.stats(), null, 'there is no session');
  assert.deepEqual((await native.told('mode')).map(({ mode, reason }) => [mode, reason]), [['plain', 'no-mse']]);

  const none = await watch({}, { before: lackHls });
  await eventually('it is shown as unsupported', none.state, (state) => state === 'unsupported', 10_000);

  const page = await demo('', { before: lack, arg: ['MediaSource'] });
  await page.plays(1);
  assert.match(await page.text('#offload [data-figure=note]'), /HLS by itself/, 'the page says it too');
  for (const viewer of [native, none, page]) assert.deepEqual(viewer.errors, []);
});

test('an old Chromium, and one whose network failed once, play and share', async (t) => {
  const { address, chromium, watch } = await world(t);
  const old = await watch({}, { before: ageModule });
  const unlucky = await chromium.open('about:blank');
  await unlucky.page.route('**/player/hls-*.js', (route) => route.abort(), { times: 1 });
  await unlucky.page.goto(address());
  for (const viewer of [old, unlucky]) {
    await viewer.plays(2);
    await viewer.has('it shares', ({ mode, peerBlocks }) => mode === 'p2p' && peerBlocks > 0, 40_000);
    assert.deepEqual(viewer.errors, []);
  }
  assert.deepEqual((await unlucky.told('error')).map(({ code }) => code), ['playback'], 'the failure was told');
});

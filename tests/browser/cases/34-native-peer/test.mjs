/**
 * A native peer and a viewer in Chromium find each other by the tracker and give each other blocks, each verified, none
 * sent beyond what came in.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { program } from '../../harness/built.mjs';
import { Program } from '../../harness/process.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;

test('a native peer and a browser trade verified blocks both ways', async (t) => {
  const { stack, watch, ending } = await world(t);
  const native = new Program(program('shoal-peer'), ['--src', stack.playlist, '--report-every-s', '1']);
  ending(() => native.stop());
  const viewer = await watch();
  await viewer.plays(2);
  const stats = await viewer.has('blocks came from the native peer', ({ peerBlocks }) => peerBlocks >= expected.blocksFromNativeMin, WITHIN_MS);
  const report = await native.json(
    'blocks came from the browser',
    ({ peer_bytes: bytes }) => bytes >= expected.bytesFromBrowserMin,
    WITHIN_MS,
  );
  assert.deepEqual([stats.links, stats.swarmSize, stats.badBytes, stats.peersBanned], [1, 2, 0, 0]);
  assert.deepEqual([report.links_mean, report.swarm_size, report.bad_bytes, report.peers_banned], [1, 2, 0, 0]);
  assert.ok(report.segments_ready > 0 && report.segments_given_up === 0, 'it plays');
  assert.ok(stats.uploadRatio <= expected.uploadRatioMax && report.upload_ratio_max <= expected.uploadRatioMax);
  assert.deepEqual(viewer.errors, []);

  await native.stop();
  await viewer.has('the native peer said goodbye', ({ links }) => links === 0, WITHIN_MS);
  await viewer.plays(1);
});

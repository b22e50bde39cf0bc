/**
 * A page records what its engine saw, and the simulator runs it again, natively, to the same outputs. No address is in the
 * file, and a page that does not ask for it loads nothing of it.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { program } from '../../harness/built.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;

const run = promisify(execFile);

test('a recording of a page replays natively to the same outputs', async (t) => {
  const { watch, ending } = await world(t);
  const folder = await mkdtemp(join(tmpdir(), 'shoal-recording-'));
  ending(() => rm(folder, { recursive: true, force: true }));
  const [recorded, other] = [await watch({ record: 'on' }), await watch()];
  await Promise.all([recorded, other].map((viewer) => viewer.plays(2)));
  await recorded.has('blocks came from the other', ({ peerBlocks }) => peerBlocks >= expected.blocksFromOtherMin, WITHIN_MS);
  const stats = await recorded.stats();
  const file = join(folder, 'page.replay');
  await writeFile(file, Uint8Array.from(await recorded.page.evaluate(() => [...globalThis.recorder.file()])));

  const { stdout } = await run(program('sim'), ['replay', file]);
  assert.match(stdout, /^the same outputs$/m);
  assert.ok(Number(/^(\d+) inputs/.exec(stdout)[1]) >= expected.inputsMin, stdout);
  assert.ok(Number(/player (\d+) B/.exec(stdout)[1]) >= stats.plainBytes, `${stdout}\nhls.js loaded ${stats.plainBytes} B`);
  assert.ok(Number(/viewers (\d+) B/.exec(stdout)[1]) >= stats.peerBytes, `${stdout}\n${stats.peerBytes}`);
  const bytes = (await readFile(file)).toString('latin1');
  for (const secret of ['candidate', 'fingerprint', '127.0.0.1', 'ws://']) assert.ok(!bytes.includes(secret), secret);
  assert.deepEqual(recorded.errors, []);

  const loaded = await other.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
  assert.ok(!loaded.some((name) => name.includes('recorder')), 'who does not record loads nothing of it');
});

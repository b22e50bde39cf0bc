/** The shipped page, opened with nothing but its address, plays the stream and says so. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

test('the shipped page plays the stream and its panel fills', async (t) => {
  const { demo } = await world(t);
  const viewer = await demo();
  await viewer.plays(4);
  assert.equal((await viewer.stats()).mode, expected.mode);
  await until('the chip says that it is live', async () => (await viewer.text('#state')) === expected.chip, 5_000);
  const range = /to (\d+\.\d) s lately/.exec(await viewer.text('#distance [data-figure=range]'));
  assert.ok(Number(range?.[1]) < expected.secondsBehindMax, `the distance is that of the picture: ${range}`);
  await until('the block map has rows', async () => (await viewer.count('.grid .row')) >= expected.rowsMin, 10_000);

  await viewer.page.click('.grid .row:last-child button');
  await until('the chosen block is explained', async () => (await viewer.text('#why p')) !== '', 2_000);
  assert.match(await viewer.text('#why p'), /origin/, 'alone, every block comes from the origin');
  assert.deepEqual(viewer.errors, []);
});

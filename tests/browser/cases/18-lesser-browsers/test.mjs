/** A browser that lacks what sharing needs plays plain HLS, and the session says what it lacks. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

for (const { without, plainReason } of expected) {
  test(`without ${without} the page plays plain HLS`, async (t) => {
    const { watch } = await world(t);
    const viewer = await watch({}, { before: (name) => delete globalThis[name], arg: without });
    await viewer.plays(4);
    const stats = await viewer.stats();
    assert.deepEqual([stats.mode, stats.plainReason], ['plain', plainReason]);
    assert.ok(stats.plainBytes > 0);
    assert.deepEqual(viewer.errors, []);
  });
}

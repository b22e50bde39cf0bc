/** Two renditions of one stream: a viewer switches, the picture changes, and the neighbours stay. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page: the player's own hls.js is asked for one level. */
function choose(width) {
  const { hls } = document.querySelector('shoal-player');
  hls.nextLevel = hls.levels.findIndex((level) => level.width === width);
}

test('a viewer switches to the other rendition and keeps its neighbours', async (t) => {
  const { watch } = await world(t, { own: { renditions: ['360p', '180p'] } });
  const viewers = [await watch(), await watch()];
  for (const viewer of viewers) {
    await viewer.plays(1);
    await viewer.has('they trade', ({ peerBlocks }) => peerBlocks >= 2, 40_000);
  }
  for (const width of [...expected.widths].reverse()) {
    const [link] = (await viewers[0].peers()).map((peer) => peer.link);
    for (const viewer of viewers) await viewer.page.evaluate(choose, width);
    const before = await Promise.all(viewers.map((viewer) => viewer.stats()));
    for (const [at, viewer] of viewers.entries()) {
      await eventually(`the picture is ${width} wide`, viewer.picture, (picture) => picture.width === width, 30_000);
      await viewer.has('blocks of it are traded',
        ({ peerBlocks }) => peerBlocks >= before[at].peerBlocks + expected.blocksMin, 40_000);
    }
    assert.deepEqual((await viewers[0].peers()).map((peer) => peer.link), [link], 'the same connection');
  }
});

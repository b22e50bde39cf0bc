/**
 * Two renditions of one stream: left to itself the quality settles on what the link carries; a viewer switches, the picture
 * changes, and the neighbours stay.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page: notes every width of the picture. */
function noteWidths() {
  const { video } = document.querySelector('shoal-player');
  globalThis.widths = [video.videoWidth];
  video.addEventListener('resize', () => globalThis.widths.push(video.videoWidth));
}

/** Runs in the page: chooses a quality in the player's own menu, as a viewer does. */
function choose(name) {
  const { shadowRoot } = document.querySelector('shoal-player');
  shadowRoot.getElementById('choose').click();
  const items = [...shadowRoot.querySelectorAll('#menu [role=menuitemradio]')];
  items.find((item) => item.textContent === name).click();
}

/** What segments take in the market tells ABR nothing of the link: it would fall and rise with every wait. */
async function settles(viewers) {
  for (const viewer of viewers) {
    await eventually('the better picture is chosen', viewer.picture, ({ width }) => width === expected.best, 40_000);
    await viewer.page.evaluate(noteWidths);
  }
  await Promise.all(viewers.map((viewer) => viewer.plays(expected.settledSeconds)));
  for (const viewer of viewers) {
    assert.deepEqual(await viewer.page.evaluate(() => globalThis.widths), [expected.best], 'it never switches again');
    const { bandwidthBits } = await viewer.stats();
    assert.ok(bandwidthBits > expected.bitsMin, `ABR believes ${bandwidthBits} bit/s`);
  }
}

test('quality settles by itself, and a viewer who switches keeps its neighbours', async (t) => {
  const { watch } = await world(t, { own: { renditions: ['360p', '180p'] } });
  const viewers = [await watch(), await watch()];
  for (const viewer of viewers) {
    await viewer.plays(1);
    await viewer.has('they trade', ({ peerBlocks }) => peerBlocks >= 2, 40_000);
  }
  await settles(viewers);
  for (const { name, width } of expected.choices) {
    const [link] = (await viewers[0].peers()).map((peer) => peer.link);
    for (const viewer of viewers) await viewer.page.evaluate(choose, name);
    const before = await Promise.all(viewers.map((viewer) => viewer.stats()));
    for (const [at, viewer] of viewers.entries()) {
      await eventually(`the picture is ${width} wide`, viewer.picture, (picture) => picture.width === width, 30_000);
      await viewer.has('blocks of it are traded',
        ({ peerBlocks }) => peerBlocks >= before[at].peerBlocks + expected.blocksMin, 40_000);
    }
    assert.deepEqual((await viewers[0].peers()).map((peer) => peer.link), [link], 'the same connection');
  }
});

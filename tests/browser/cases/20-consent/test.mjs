/** Where the site asks for consent, nothing of the swarm is touched before it is given, and all is left when it is taken. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Runs in the page before its scripts. */
function countSockets() {
  globalThis.touched = 0;
  for (const name of ['WebSocket', 'RTCPeerConnection']) {
    const Original = globalThis[name];
    globalThis[name] = class extends Original {
      constructor(...args) {
        super(...args);
        globalThis.touched += 1;
      }
    };
  }
}

/** Runs in the page. */
const consent = (answer) => document.querySelector('shoal-player').session.setConsent(answer);

test('without consent the page plays plain HLS and touches nothing', async (t) => {
  const { watch } = await world(t);
  const [asked, other] = [await watch({ consent: 'required' }, { before: countSockets }), await watch()];
  await asked.plays(4);
  assert.equal((await asked.stats()).plainReason, expected.plainReason);
  assert.equal(await asked.page.evaluate(() => globalThis.touched), 0);

  await asked.page.evaluate(consent, 'granted');
  for (const viewer of [asked, other]) {
    await viewer.has('they trade', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 40_000);
  }

  await asked.page.evaluate(consent, 'required');
  await other.has('the other notices', ({ links }) => links === 0, 20_000);
  await eventually('plain again', asked.stats, ({ mode }) => mode === 'plain', 5_000);
  await asked.plays(4);
});

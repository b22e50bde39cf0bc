/**
 * A tracker that lets in only who shows a token of the site's: pages that get one find each other, and get the next before
 * it ends; a page without one plays from the origin, and nobody is introduced to it.
 */

import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { test } from 'node:test';

import { metric } from '../../harness/metrics.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { world } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** What the site's server signs: a JWT (RFC 7515, HS256), and when it ends. */
function sign(key) {
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + expected.tokenSeconds;
  const said = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp, swarm: '*' })}`;
  return { exp, token: `${said}.${createHmac('sha256', key).update(said).digest('base64url')}` };
}

test('who has a token shares and renews it in time, who has none plays from the origin', async (t) => {
  const key = randomBytes(32);
  const tracker = [
    `token_keys = ["hs256:${key.toString('base64url')}"]`,
    `announce_min_s = ${expected.announceSeconds}`,
    `announce_max_s = ${expected.announceSeconds}`,
  ].join('\n');
  const { address, chromium, stack, watch } = await world(t, { own: { tracker } });
  const counted = (name, labels) => metric(stack.tracker, `shoal_tracker_${name}`, labels);

  const members = [];
  for (let at = 0; at < 2; at += 1) {
    const viewer = await chromium.open('about:blank');
    const given = [];
    await viewer.page.exposeFunction('joinToken', () => {
      given.push(sign(key));
      return given.at(-1).token;
    });
    await viewer.page.goto(address({ join: '' }));
    members.push({ viewer, given });
  }
  const stranger = await watch();
  for (const { viewer } of members) {
    await viewer.has('blocks came from the other', ({ peerBlocks }) => peerBlocks >= expected.blocksMin, 40_000);
  }
  await until('the stranger is told why', () => counted('tokens_refused_total', 'reason="missing"'), 20_000);

  const ended = (members[0].given[0].exp + expected.leewaySeconds) * 1_000;
  await until('the first tokens are over', () => Date.now() > ended, (expected.tokenSeconds + expected.leewaySeconds) * 1_000);
  for (const { given } of members) {
    await eventually('new tokens were asked for', () => given.length, (count) => count >= expected.tokensMin, 40_000);
  }
  const announces = await counted('announces_total');
  await eventually('they announce as before', () => counted('announces_total'), (now) => now >= announces + 2, 40_000);

  assert.equal(await counted('tokens_refused_total', 'reason="expired"'), 0, 'each was renewed before it ended');
  assert.equal(await counted('peers'), 2, 'only those with a token are in the swarm');
  for (const { viewer } of members) {
    const { links, badBytes } = await viewer.stats();
    assert.deepEqual({ links, badBytes }, { links: 1, badBytes: 0 });
    assert.deepEqual(viewer.errors, []);
  }
  await stranger.plays(4);
  const { links, peerBlocks } = await stranger.stats();
  assert.deepEqual({ links, peerBlocks, errors: stranger.errors }, { links: 0, peerBlocks: 0, errors: [] });
});

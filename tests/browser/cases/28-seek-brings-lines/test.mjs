/** Comments and the picture: they stop with it, and where the viewer goes back the comments of that moment come back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Edge } from '../../harness/edge.mjs';
import { Talker } from '../../harness/talker.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { world as start } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const PLAY_MS = 60_000;

test('a viewer who goes back sees the lines of that moment, and at the live edge those of now', async (t) => {
  const world = await start(t);
  const edge = await Edge.start(world);
  const speaker = await edge.token({ user: 7, name: 'speaker', role: 'streamer', rooms: ['live://1'] });
  const viewer = await Talker.open(world, { ...edge.attributes, src: world.stack.playlist });
  await viewer.viewer.plays(1, PLAY_MS);

  await edge.say(speaker, 'of that moment', { mode: 'top' });
  await viewer.draws();
  const { at: then } = await viewer.viewer.picture();
  await eventually('the picture moves on', viewer.viewer.picture, ({ at }) => at >= then + expected.onForSeconds, PLAY_MS);
  await viewer.draws(false);
  assert.equal((await viewer.counts()).taken, 1);

  await viewer.page.evaluate((at) => { player.video.currentTime = at; }, then - expected.backSeconds);
  await until('the picture is of the past', () => viewer.page.evaluate(() => player.comments.isBehind), PLAY_MS);
  await viewer.draws();
  assert.equal((await viewer.counts()).taken, 2);
  // Whatever is said now is not of this moment.
  await edge.say(speaker, 'of now', { mode: 'bottom' });
  await viewer.hears('of now');
  assert.equal((await viewer.counts()).taken, 2);

  await viewer.page.evaluate(() => player.pause());
  const drawn = await viewer.inked();
  assert.ok(drawn > 0);
  assert.equal(await viewer.inked(), drawn);

  await viewer.page.evaluate(() => player.goLive());
  await until('the picture is live', () => viewer.page.evaluate(() => !player.comments.isBehind && !player.video.paused), PLAY_MS);
  const { taken } = await viewer.counts();
  await edge.say(speaker, 'live again');
  await viewer.hears('live again');
  await eventually('the line of now is drawn', viewer.counts, (counts) => counts.taken === taken + 1, PLAY_MS);
});

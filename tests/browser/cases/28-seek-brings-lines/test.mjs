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
  // However slow the machine is, the moment is still in the playlist when the viewer goes back to it.
  const world = await start(t, { own: { window: 60 } });
  const edge = await Edge.start(world);
  const speaker = await edge.token({ user: 7, name: 'speaker', role: 'streamer', rooms: ['live://1'] });
  const viewer = await Talker.open(world, { ...edge.attributes, src: world.stack.playlist, p2p: 'off' });
  await viewer.viewer.plays(1, PLAY_MS);

  const draws = (text) => eventually(`“${text}” is drawn`, viewer.drawn, (drawn) => drawn.includes(text), PLAY_MS);
  await edge.say(speaker, 'of that moment', { mode: 'top' });
  await draws('of that moment');
  const { at: then } = await viewer.viewer.picture();
  await eventually('the picture moves on', viewer.viewer.picture, ({ at }) => at >= then + expected.onForSeconds, PLAY_MS);
  await viewer.clearDrawn();

  await viewer.page.evaluate((at) => { player.video.currentTime = at; }, then - expected.backSeconds);
  await until('the picture is of the past', () => viewer.page.evaluate(() => player.comments.isBehind), PLAY_MS);
  await draws('of that moment');
  // Whatever is said now is not of this moment.
  await edge.say(speaker, 'of now', { mode: 'bottom' });
  await viewer.hears('of now');
  assert.ok(!(await viewer.drawn()).includes('of now'));

  await viewer.page.evaluate(() => player.goLive());
  await until('the picture is live', () => viewer.page.evaluate(() => !player.comments.isBehind && !player.video.paused), PLAY_MS);
  await edge.say(speaker, 'live again');
  await draws('live again');

  await viewer.page.evaluate(() => player.pause());
  await edge.say(speaker, 'while it stands');
  await viewer.hears('while it stands');
  assert.ok(!(await viewer.drawn()).includes('while it stands'));
  assert.deepEqual(viewer.viewer.errors, []);
});

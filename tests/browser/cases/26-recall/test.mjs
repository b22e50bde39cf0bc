/** A moderator takes a line back: it leaves every screen, its author's too, and nobody who comes later gets it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Edge } from '../../harness/edge.mjs';
import { Talker } from '../../harness/talker.mjs';
import { until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';

test('a line that a moderator takes back leaves every screen', async (t) => {
  const world = await alone(t);
  const edge = await Edge.start(world);
  const moderator = await edge.token({ user: 9, name: 'moderator', role: 'moderator', rooms: ['live://1'] });
  const come = (who) => Talker.open(world, { ...edge.attributes, ...who });
  const [author, reader, keeper] = [await come({ 'comments-name': 'Mei' }), await come({}), await come({ 'comments-token': moderator })];
  const everybody = [author, reader, keeper];
  await until('the keeper is known as one', async () => (await keeper.me())?.moderator === true, 20_000);

  // Lines stand still from the first: whatever takes one away is no clock.
  for (const one of everybody) await one.page.evaluate(() => player.comments.danmaku.pause());
  const { id } = await author.say('to be taken back', { kind: 'top' });
  for (const one of everybody) await one.draws();
  assert.deepEqual(await keeper.page.evaluate((line) => player.comments.room.recall(line), id), { ok: true });
  for (const one of everybody) {
    await one.draws(false);
    assert.deepEqual(await one.told('withdrawn'), [{ ids: [id] }]);
  }
  await edge.say(moderator, 'after');
  const late = await come({});
  await late.hears('after');
  assert.deepEqual([await late.texts(), await late.told('gap')], [['after'], []]);
  const denied = await author.page.evaluate(async () => player.comments.room.recall((await player.comments.room.history({ epoch: 2 ** 32 - 1, sequence: 1 })).lines[0].id));
  assert.equal(denied.refusal.code, 'role');
});

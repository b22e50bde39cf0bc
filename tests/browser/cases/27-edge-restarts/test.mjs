/** The edge ends, orderly or not, and comes back: nobody misses a line, nobody sees one twice. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Edge } from '../../harness/edge.mjs';
import { Talker } from '../../harness/talker.mjs';
import { until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const AGAIN_MS = 60_000;

for (const [how, signal] of [['is killed', 'SIGKILL'], ['ends in order', 'SIGTERM']]) {
  test(`the edge ${how} and comes back: every line is seen once, in order`, async (t) => {
    const world = await alone(t);
    const edge = await Edge.start(world);
    const readers = [await Talker.open(world, edge.attributes), await Talker.open(world, { ...edge.attributes, 'comments-name': 'Mei' })];
    const speaker = await edge.token({ user: 7, name: 'speaker', role: 'streamer', rooms: ['live://1'] });
    await edge.say(speaker, 'before');
    for (const reader of readers) await reader.hears('before');

    await edge.end(signal);
    for (const reader of readers) await until('the room is away', async () => (await reader.state()).is !== 'open', AGAIN_MS);
    await edge.begin();
    for (const text of ['while they were away', 'and again']) await edge.say(speaker, text);
    for (const reader of readers) await until('the room is open again', async () => (await reader.state()).is === 'open', AGAIN_MS);
    await edge.say(speaker, 'after');
    const said = await readers[1].say('from the page');
    assert.ok(said.ok, JSON.stringify(said));
    for (const reader of readers) {
      await reader.hears('from the page');
      assert.deepEqual(await reader.texts(), ['before', 'while they were away', 'and again', 'after', 'from the page']);
      assert.deepEqual((await reader.told('gap')).filter(({ filled }) => !filled), []);
    }
  });
}

test('whoever was away for more than the room remembers gets the rest from history', async (t) => {
  const world = await alone(t);
  const edge = await Edge.start(world);
  const reader = await Talker.open(world, edge.attributes);
  await edge.push('first');
  await reader.hears('first');
  await edge.shut();
  await until('the room is away', async () => (await reader.state()).is !== 'open', AGAIN_MS);
  const away = [...Array(expected.linesWhileAway).keys()].map((line) => `line ${line}`);
  for (const text of away) await edge.push(text);
  await edge.open();
  await until('every line is there', async () => (await reader.texts()).length === away.length + 1, AGAIN_MS);
  assert.deepEqual(await reader.texts(), ['first', ...away]);
  const gaps = await reader.told('gap');
  assert.ok(gaps.length > 0 && gaps.every(({ filled }) => filled), JSON.stringify(gaps));
});

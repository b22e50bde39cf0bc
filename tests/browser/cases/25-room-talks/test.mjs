/** Browsers in one room: they talk to each other, everybody sees the same lines in the same order, and guests need only a name. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Edge } from '../../harness/edge.mjs';
import { Talker } from '../../harness/talker.mjs';
import { until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

async function room(t) {
  const world = await alone(t);
  const edge = await Edge.start(world);
  return { world, edge, come: (name) => Talker.open(world, { ...edge.attributes, ...(name === undefined ? {} : { 'comments-name': name }) }) };
}

test('a page without comments loads nothing of them, and one that turns them on later has them', async (t) => {
  const { world, edge } = await room(t);
  const plain = new Talker(await world.chromium.open(world.pageOf('pages/talk.html', {})));
  await until('the element is there', () => plain.page.evaluate(() => globalThis.player?.isConnected === true), 20_000);
  const loaded = () => plain.page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
  await plain.page.evaluate(() => new Promise((done) => { requestIdleCallback(done); }));
  assert.deepEqual((await loaded()).filter((path) => /comments|danmaku|room/.test(path)), []);
  await plain.page.evaluate((attributes) => {
    for (const [name, value] of Object.entries(attributes)) player.setAttribute(name, value);
  }, edge.attributes);
  await plain.isIn();
  assert.ok((await loaded()).some((path) => path.endsWith('/comments.js')));
  await plain.page.evaluate(() => { player.remove(); });
  assert.equal(await plain.page.evaluate(() => player.comments), null);
});

test('two guests talk, and each sees a line of its own once and at once', async (t) => {
  const { come } = await room(t);
  const [mei, lin] = [await come('Mei'), await come('Lin')];
  const said = await mei.say('hello from Mei', { kind: 'top', color: '#ffd166' });
  assert.ok(said.ok, JSON.stringify(said));
  await lin.hears('hello from Mei');
  for (const one of [mei, lin]) await until('the line is drawn', async () => (await one.inked()) > expected.inkedMin, 10_000);
  await lin.say('hi', { replyTo: { name: 'Mei' } });
  await mei.hears('@Mei hi');
  await mei.hears('hello from Mei');
  const [[own], [reply]] = [await mei.told('line'), (await mei.told('line')).slice(1)];
  assert.deepEqual([own.own, own.id, own.color, own.kind, own.name], [true, said.id, '#ffd166', 'top', 'Mei']);
  assert.deepEqual([reply.mentions, reply.own, reply.name], [true, false, 'Lin']);
  assert.deepEqual((await mei.told('own')).map(({ state }) => state), ['sending', 'sent']);
  for (const one of [mei, lin]) {
    assert.equal((await one.counts()).taken, 2);
    assert.deepEqual([one.viewer.errors, await one.page.evaluate(() => errors)], [[], []]);
  }
});

test('many speak at once, and everybody has the same lines in the same order without a gap', async (t) => {
  const { edge, come } = await room(t);
  const readers = [await come(), await come('Mei'), await come('Lin')];
  const speakers = await Promise.all([...Array(expected.speakers).keys()].map((user) => edge.token({ user: user + 1, name: `speaker ${user}` })));
  await Promise.all(speakers.map(async (token, at) => {
    for (let line = 0; line < expected.linesEach; line += 1) await edge.say(token, `${at}: ${line}`);
  }));
  const all = expected.speakers * expected.linesEach;
  for (const reader of readers) await until('all lines are there', async () => (await reader.texts()).length === all, 20_000);
  const [first, ...others] = await Promise.all(readers.map((reader) => reader.told('line')));
  assert.deepEqual(first.map(({ sequence }) => sequence), [...Array(all).keys()].map((at) => at + 1));
  for (const lines of others) assert.deepEqual(lines.map(({ id }) => id), first.map(({ id }) => id));
});

test('a reader without a name becomes a guest and misses nothing; a refusal says why', async (t) => {
  const { edge, come } = await room(t);
  const streamer = await edge.token({ user: 9, name: 'streamer', role: 'streamer', rooms: ['live://1'] });
  const reader = await come();
  assert.equal((await reader.say('hello?')).refusal.code, 'guest');
  await edge.say(streamer, 'one');
  await reader.hears('one');
  await reader.page.evaluate(() => player.comments.setName('Mei'));
  await edge.say(streamer, 'two');
  await until('it has a name', async () => (await reader.me())?.name === 'Mei', 20_000);
  await reader.isIn();
  await reader.hears('two');
  await edge.put(streamer, 'settings', { slow_s: 600 });
  await until('the room is slow', async () => (await reader.page.evaluate(() => player.comments.room.settings?.slowSeconds)) === 600, 20_000);
  assert.ok((await reader.say('three')).ok);
  const { refusal } = await reader.say('four');
  assert.deepEqual([refusal.code, refusal.retryAfterMs > 500_000, refusal.message.length > 10], ['slow_mode', true, true]);
  await reader.hears('three');
  assert.deepEqual(await reader.texts(), ['one', 'two', 'three']);
  assert.deepEqual((await reader.told('own')).map(({ state }) => state), ['sending', 'sent', 'sending', 'refused']);
});

/** The box to speak in, against a real chat edge: a name, a line with its state, and every refusal in plain words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { besidePage } from '../../harness/beside.mjs';
import { Edge, ROOM } from '../../harness/edge.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;

async function room(t) {
  const world = await alone(t);
  const edge = await Edge.start(world);
  const { comments: addresses, 'comments-api': api } = edge.attributes;
  const come = async (token) => {
    const talk = await (await besidePage(world, { addresses, api, room: ROOM, ...(token === undefined ? {} : { token }) })).ready();
    await until('the room is open', () => talk.page.evaluate(() => room.state.is === 'open'), WITHIN_MS);
    return talk;
  };
  const streamer = await edge.token({ user: 9, name: 'Streamer', role: 'streamer', rooms: [ROOM] });
  return { edge, come, streamer, person: async (user, name) => come(await edge.token({ user, name })) };
}

const speak = async (talk, text) => {
  await talk.find('#text').fill(text);
  await talk.find('#text').press('Enter');
};
const states = (talk) => talk.find('.row').evaluateAll((rows) => rows.map((row) => `${row.querySelector('.words').textContent}: ${row.dataset.state}`));
const why = (talk) => talk.find('.row[data-state=refused] .state').evaluateAll((all) => all.map((one) => one.firstChild.textContent));

test('a guest takes a name, speaks, and sees the line at once and once; the other one answers', async (t) => {
  const { come } = await room(t);
  const [mei, lin] = [await come(), await come()];
  assert.equal(await mei.find('#compose').isVisible(), false);
  for (const [talk, name] of [[mei, 'Mei'], [lin, 'Lin']]) {
    await talk.find('#name').fill(name);
    await talk.find('#name').press('Enter');
    await until('the box is there', () => talk.find('#compose').isVisible(), WITHIN_MS);
    await until('the room is open', () => talk.page.evaluate(() => room.state.is === 'open'), WITHIN_MS);
  }
  await mei.page.evaluate(() => {
    globalThis.seen = [];
    const look = () => { for (const row of chat.shadowRoot.querySelectorAll('.row')) seen.push(row.dataset.state); };
    new MutationObserver(look).observe(chat.shadowRoot.querySelector('ol'), { subtree: true, childList: true, attributes: true });
  });
  await mei.find('#look').click();
  await mei.find('[aria-label=Yellow]').check({ force: true });
  await mei.find('[name=place][value=top]').check({ force: true });
  await speak(mei, 'hello 👩‍👩‍👧‍👦');
  await eventually('it is said', () => states(mei), (all) => all.join() === 'hello 👩‍👩‍👧‍👦: said', WITHIN_MS);
  assert.equal((await mei.page.evaluate(() => seen))[0], 'sending');
  await lin.has(1);
  assert.deepEqual(await lin.page.evaluate(() => chat.shadowRoot.querySelector('.name').textContent), 'Mei');
  await lin.find('.row').first().press('Enter');
  await lin.page.keyboard.press('Enter');
  await lin.page.keyboard.type('hi');
  await lin.page.keyboard.press('Enter');
  await mei.has(2);
  assert.deepEqual(await mei.find('.row.mention mark').allTextContents(), ['@Mei']);
  for (const one of [mei, lin]) assert.deepEqual(one.viewer.errors, []);
});

test('what is too long is counted and not sent, and the count is the room’s', async (t) => {
  const { person } = await room(t);
  const ada = await person(1, 'Ada');
  await ada.find('#text').fill('x'.repeat(expected.limit + 3));
  assert.equal(await ada.find('#count').textContent(), '3 too many');
  await ada.find('#text').press('Enter');
  assert.equal(await ada.find('#text').inputValue(), 'x'.repeat(expected.limit + 3));
  assert.equal(await ada.find('#text').getAttribute('aria-invalid'), 'true');
  // An emoji of seven code points is seven to the room.
  const family = '👩‍👩‍👧‍👦';
  await ada.find('#text').fill(family.repeat(14) + 'xx');
  assert.equal(await ada.find('#count').textContent(), '100 / 100');
  await ada.find('#text').press('Enter');
  await eventually('it is said', () => states(ada), (all) => all.length === 1 && all[0].endsWith(': said'), WITHIN_MS);
});

test('slow mode is told before, and waited for after, a line', async (t) => {
  const { edge, person, streamer } = await room(t);
  const ada = await person(1, 'Ada');
  await edge.put(streamer, 'settings', { slow_s: expected.slowSeconds });
  await until('slow mode is told', async () => (await ada.find('#slow').textContent()) === 'Slow mode: one line in 10 min', WITHIN_MS);
  await speak(ada, 'one');
  await until('the wait is shown', async () => (await ada.find('#send').getAttribute('aria-label')) === 'You can send again in 10 min', WITHIN_MS);
  await speak(ada, 'two');
  assert.deepEqual([await ada.find('#text').inputValue(), await states(ada)], ['two', ['one: said']]);
  await edge.put(streamer, 'settings', { closed: true });
  await until('the box is closed', async () => (await ada.find('#text').getAttribute('placeholder')) === 'Only moderators speak now', WITHIN_MS);
});

test('each refusal is told at its line, in plain words, and the line can be changed or removed', async (t) => {
  const { edge, person, streamer } = await room(t);
  await edge.put(streamer, 'filter', { rules: '*badword*\n' });
  const ada = await person(1, 'Ada');
  await speak(ada, 'a badword here');
  await eventually('it is refused', () => why(ada), (all) => all.join() === 'This contains words that are not allowed here.', WITHIN_MS);
  assert.match(await ada.find('#herald').textContent(), /^Not sent\. This contains/);
  await ada.find('.state button').first().click();
  assert.deepEqual([await ada.find('#text').inputValue(), await states(ada)], ['a badword here', []]);
  await edge.put(streamer, 'sanctions/1/mute', { seconds: 600 });
  await speak(ada, 'harmless');
  await eventually('it is refused', () => why(ada), (all) => all.join().startsWith('A moderator has muted you here.'), WITHIN_MS);
  await ada.find('.state button').last().click();
  assert.deepEqual(await states(ada), []);
});

test('who is shadowed is told nothing, a report reaches those who keep order, a recall takes the line away, and a held line says so', async (t) => {
  const { edge, come, person, streamer } = await room(t);
  const [ada, lin, mod] = [await person(1, 'Ada'), await person(2, 'Lin'), await come(streamer)];
  await edge.put(streamer, 'sanctions/1/shadow', {});
  await speak(ada, 'unseen');
  await eventually('it is said as any other', () => states(ada), (all) => all.join() === 'unseen: said', WITHIN_MS);
  await speak(lin, 'seen');
  await until('the moderator reads it', async () => (await mod.texts()).join() === 'seen', WITHIN_MS);
  await until('its role is known', () => mod.page.evaluate(() => room.me?.moderator === true), WITHIN_MS);
  await ada.has(2);
  await ada.find('.row').last().press('Enter');
  await ada.find('[role=menuitem]', { hasText: 'Report…' }).press('Enter');
  await ada.find('[role=menuitem]').first().press('Enter');
  await until('it is thanked for', async () => /^Thank you/.test(await ada.find('[data-shoal-over] p').textContent()), WITHIN_MS);
  const reports = await fetch(`${edge.attributes['comments-api']}/rooms/live/1/reports`, { headers: { authorization: `Bearer ${streamer}` } });
  assert.match(await reports.text(), /spam/);
  await mod.find('.row').first().press('Enter');
  await mod.find('[role=menuitem].danger').first().press('Enter');
  for (const one of [lin, mod]) await eventually('it is gone', one.texts, (texts) => texts.length === 0, WITHIN_MS);
  await edge.put(streamer, 'filter', { rules: 'hold: maybe\n' });
  await speak(lin, 'maybe');
  await until('it waits', async () => (await lin.find('.row[data-state=held] .state').textContent()) === 'Waiting for a moderator', WITHIN_MS);
});

test('everything in the box has a name', async (t) => {
  const { person } = await room(t);
  const ada = await person(1, 'Ada');
  await ada.find('#look').click();
  const controls = await ada.controls();
  assert.deepEqual(controls.filter(({ name }) => name === ''), []);
  for (const name of ['Your line', 'Send', 'Colour and place', 'Yellow', 'Scroll', 'Comment settings', 'Chat']) assert.ok(controls.some((one) => one.name === name), name);
});

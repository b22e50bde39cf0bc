/** The list beside the picture: it follows, it lets read, it is bounded, it marks what is new, and each line has a menu. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { besidePage } from '../../harness/beside.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;

async function page(t) {
  return (await besidePage(await alone(t))).ready();
}

const say = (talk, from, to) => talk.page.evaluate(([first, last]) => {
  for (let at = first; at < last; at += 1) room.says('Mei', `line ${at}`);
}, [from, to]);
const log = (talk) => talk.page.evaluate(() => {
  const { scrollTop, scrollHeight, clientHeight } = chat.shadowRoot.querySelector('#log');
  return { top: scrollTop, fromEnd: scrollHeight - scrollTop - clientHeight };
});
const newer = (talk) => talk.find('#newer').evaluate((button) => (button.hidden ? null : button.textContent));

test('the list follows the newest line until the viewer scrolls up; then nothing moves, and what comes is counted and marked', async (t) => {
  const talk = await page(t);
  await say(talk, 0, 60);
  await talk.has(60);
  assert.ok((await log(talk)).fromEnd <= 1);
  assert.equal(await newer(talk), null);

  await talk.find('#log').evaluate((element) => { element.scrollTop = 200; });
  await until('it no longer follows', async () => (await newer(talk)) === 'To the newest', WITHIN_MS);
  const before = await log(talk);
  await say(talk, 60, 72);
  await until('what came is counted', async () => (await newer(talk)) === '12 new lines', WITHIN_MS);
  assert.deepEqual(await log(talk), before);
  assert.equal((await talk.texts()).length, 60);

  await talk.find('#newer').click();
  await talk.has(72);
  const rows = await talk.rows();
  assert.deepEqual(rows.slice(59, 62), ['line 59', '(New)', 'line 60']);
  assert.ok((await log(talk)).fromEnd <= 1);
  await say(talk, 72, 73);
  await talk.has(73);
  assert.equal(await newer(talk), null);
});

test('a viewer who scrolls down to the end follows again', async (t) => {
  const talk = await page(t);
  await say(talk, 0, 60);
  await talk.has(60);
  await talk.find('#log').evaluate((element) => { element.scrollTop = 0; });
  await until('it no longer follows', async () => (await newer(talk)) !== null, WITHIN_MS);
  await say(talk, 60, 61);
  await talk.find('#log').evaluate((element) => { element.scrollTop = element.scrollHeight; });
  await talk.has(61);
  assert.ok((await log(talk)).fromEnd <= 1);
});

test('a flood leaves so many rows and no more, whether the viewer follows or reads', async (t) => {
  const talk = await page(t);
  await say(talk, 0, expected.flood);
  await eventually('the newest is last', talk.texts, (texts) => texts.at(-1) === `line ${expected.flood - 1}`, WITHIN_MS);
  assert.equal((await talk.texts()).length, expected.rowsMax);
  await talk.find('#log').evaluate((element) => { element.scrollTop = 100; });
  await until('it no longer follows', async () => (await newer(talk)) !== null, WITHIN_MS);
  await say(talk, expected.flood, 2 * expected.flood);
  assert.equal(await newer(talk), '99+ new lines');
  await talk.find('#newer').click();
  await eventually('the newest is last', talk.texts, (texts) => texts.at(-1) === `line ${2 * expected.flood - 1}`, WITHIN_MS);
  assert.ok((await talk.texts()).length <= expected.rowsMax);
});

test('a line that was taken back is gone, wherever it was; what did not come is one row', async (t) => {
  const talk = await page(t);
  const [first, waiting] = await talk.page.evaluate(async () => {
    const shown = room.says('Mei', 'shown');
    for (let at = 0; at < 60; at += 1) room.says('Mei', `line ${at}`);
    await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
    chat.shadowRoot.querySelector('#log').scrollTop = 0;
    await new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame)));
    return [shown, room.says('Mei', 'waits')];
  });
  assert.equal(await newer(talk), '1 new line');
  await talk.page.evaluate((ids) => room.emit('withdrawn', { ids }), [first, waiting]);
  assert.equal(await newer(talk), 'To the newest');
  await talk.has(60);
  await talk.page.evaluate(() => {
    room.emit('gap', { epoch: 1, from: 4, to: 4, filled: false });
    room.emit('gap', { epoch: 1, from: 6, to: 7, filled: false });
    room.emit('gap', { epoch: 1, from: 8, to: 9, filled: true });
  });
  await talk.find('#log').press('End');
  await eventually('the hole is told', talk.rows, (rows) => rows.at(-1) === '(3 lines are missing here)', WITHIN_MS);
  assert.ok(!(await talk.texts()).some((text) => text === 'shown' || text === 'waits'));
});

test('what mentions the viewer stands out and is read out; text is never markup', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => {
    room.says('Kira', 'hey @ada look', { mentions: true });
    room.says('<b>Eve</b>', '<img src=x onerror=alert(1)>@Adam', { mentions: true });
  });
  await talk.has(2);
  assert.equal(await talk.find('.row.mention').count(), 2);
  assert.deepEqual(await talk.find('mark').allTextContents(), ['@ada']);
  assert.equal(await talk.find('.row img, .row b').count(), 0);
  await eventually('the second is read out in its turn', () => talk.find('#herald').textContent(), (text) => /Eve.*@Adam/.test(text), WITHIN_MS);
  assert.equal(await talk.find('#log').getAttribute('aria-live'), 'off');
});

test('lines that come while nobody looks at the tab are marked', async (t) => {
  const talk = await page(t);
  const look = (hidden) => talk.page.evaluate((is) => {
    Object.defineProperty(document, 'hidden', { value: is, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await say(talk, 0, 2);
  await talk.has(2);
  await look(true);
  await say(talk, 2, 4);
  await look(false);
  await talk.has(4);
  assert.deepEqual(await talk.rows(), ['line 0', 'line 1', '(New)', 'line 2', 'line 3']);
});

test('a line’s menu is used by keyboard: block, report, reply; and focus comes back', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => { room.says('Troll', 'bait'); room.says('Mei', 'fine'); });
  await talk.has(2);
  await talk.find('#log').press('ArrowUp');
  await talk.page.keyboard.press('ArrowUp');
  await talk.page.keyboard.press('Enter');
  const items = talk.find('[role=menuitem]');
  assert.deepEqual(await items.allTextContents(), ['Reply', 'Copy', 'Block Troll', 'Block a word…', 'Report…']);
  assert.deepEqual((await talk.controls()).filter(({ name }) => name === ''), []);
  await talk.page.keyboard.press('Escape');
  assert.equal(await items.count(), 0);
  assert.equal(await talk.page.evaluate(() => chat.shadowRoot.activeElement.querySelector('.words').textContent), 'bait');

  await talk.page.keyboard.press('Enter');
  await talk.page.keyboard.press('End');
  await talk.page.keyboard.press('Enter');
  assert.equal(await items.count(), 4);
  await talk.page.keyboard.press('Enter');
  await until('it was reported', () => talk.page.evaluate(() => room.asked.some((one) => one.reason === 'spam')), WITHIN_MS);
  await until('it is said', async () => /^Thank you/.test(await talk.find('[data-shoal-over] p[role=status]').textContent()), WITHIN_MS);
  await talk.page.keyboard.press('Escape');

  await talk.find('.row').first().press('Enter');
  await items.nth(2).press('Enter');
  await eventually('their lines are gone', talk.texts, (texts) => texts.join() === 'fine', WITHIN_MS);
  assert.equal((await talk.page.evaluate(() => choices.settings.people)).at(0).name, 'Troll');
  await talk.page.keyboard.press('Escape');

  await talk.find('.row:not([hidden])').first().press('Enter');
  await talk.page.keyboard.press('Enter');
  assert.equal(await talk.find('#reply span').textContent(), 'Replying to Mei');
  assert.equal(await talk.page.evaluate(() => chat.shadowRoot.activeElement.id), 'text');
  await talk.page.keyboard.type('thanks');
  await talk.page.keyboard.press('Enter');
  assert.deepEqual((await talk.page.evaluate(() => room.asked)).at(-1), { send: 'thanks', color: '#ffffff', kind: 'scroll', replyTo: { name: 'Mei' } });
});

test('a refusal is said where the menu was, in plain words', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => {
    room.me = { ...room.me, moderator: true };
    room.answer = { ok: false, refusal: { code: 'outranked', message: 'x', retryAfterMs: null } };
    room.says('Streamer', 'hello');
  });
  await talk.has(1);
  await talk.find('.row').first().press('Enter');
  await talk.find('[role=menuitem]').last().press('Enter');
  await until('it is said', async () => (await talk.find('[data-shoal-over] p[role=status]').textContent()) === 'You may not do that to this person.', WITHIN_MS);
  assert.equal((await talk.page.evaluate(() => room.asked)).at(-1).seconds, 600);
});

test('what a page sets before the element is loaded is taken over, and an element that leaves the page leaves nothing behind', async (t) => {
  const { open } = await alone(t);
  const { page: tab, errors } = await open('pages/danmaku.html');
  const listeners = await tab.evaluate(async () => {
    const all = new Set();
    const room = {
      state: { is: 'open' }, me: null, settings: null, online: 3, nextSendAtMs: 0,
      on: (name, listener) => {
        const one = { name, listener };
        all.add(one);
        return () => all.delete(one);
      },
    };
    const chat = document.createElement('shoal-chat');
    chat.room = room;
    document.body.append(chat);
    await import('/player/talk.js');
    const line = { id: '5', key: null, text: 'early', person: 1, name: 'Mei', moderator: false, own: false, mentions: false, past: false, class: 'chat', atMs: 0 };
    for (const { name, listener } of all) if (name === 'line') listener(line);
    Object.assign(globalThis, { chat, all });
    return all.size;
  });
  assert.ok(listeners > 0);
  await until('the line is there', () => tab.evaluate(() => chat.shadowRoot.querySelector('.words')?.textContent === 'early'), WITHIN_MS);
  assert.equal(await tab.evaluate(() => chat.shadowRoot.querySelector('#online').textContent), '3 here');
  assert.equal(await tab.evaluate(() => {
    chat.remove();
    return all.size;
  }), 0);
  assert.deepEqual(errors, []);
});

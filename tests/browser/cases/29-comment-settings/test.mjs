/** What a viewer chooses about comments: by keyboard, at once, on the next visit, in every tab, and as a file. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Talk, besidePage } from '../../harness/beside.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;
const settings = (talk) => talk.page.evaluate(() => choices.settings);
const panel = (talk, selector) => talk.page.locator(`shoal-comment-settings ${selector}`);

async function page(t) {
  return (await besidePage(await alone(t))).ready();
}

async function opened(t) {
  const talk = await page(t);
  await talk.find('#settings').press('Enter');
  await until('the panel is open', () => panel(talk, '#scroll').isVisible(), WITHIN_MS);
  return talk;
}

test('choices are made by keyboard, take effect at once, and are there on the next visit', async (t) => {
  const talk = await opened(t);
  await panel(talk, '[name=opacity]').focus();
  for (let step = 0; step < 2; step += 1) await talk.page.keyboard.press('ArrowLeft');
  await panel(talk, '[name=colors]').press('Space');
  const { opacity, colors, on } = await settings(talk);
  assert.deepEqual({ opacity, colors, on }, expected.changed);
  assert.equal(await talk.page.evaluate(() => document.querySelector('#box canvas').style.opacity), '0.9');
  assert.equal(await panel(talk, '[name=opacity]').getAttribute('aria-valuetext'), '90 %');
  await talk.page.keyboard.press('Escape');
  assert.equal(await panel(talk, '#scroll').isVisible(), false);
  assert.equal(await talk.page.evaluate(() => chat.shadowRoot.activeElement.id), 'settings');

  await talk.page.reload();
  await talk.ready();
  const kept = await settings(talk);
  assert.deepEqual([kept.opacity, kept.colors], [0.9, false]);
  assert.equal(await panel(talk, '[name=colors]').evaluate((input) => input.checked), false);
  assert.deepEqual(talk.viewer.errors, []);
});

test('comments that are off are not drawn, and are again when they are on', async (t) => {
  const talk = await opened(t);
  await panel(talk, '[name=on]').press('Space');
  await talk.page.evaluate(() => danmaku.push({ text: 'unseen', kind: 'top' }));
  assert.equal((await talk.counts()).taken, 0);
  assert.equal(await talk.page.evaluate(() => document.querySelector('#box canvas').hidden), true);
  await panel(talk, '[name=on]').press('Space');
  await talk.page.evaluate(() => danmaku.push({ text: 'seen', kind: 'top' }));
  await until('the line is drawn', async () => (await talk.ink()).pixels > 0, WITHIN_MS);
});

test('what is blocked in the panel leaves layer and list, and is read again when it is taken out', async (t) => {
  const talk = await opened(t);
  await talk.page.evaluate(() => {
    for (const text of ['a SPOILER ahead', '12345', 'harmless']) room.says('Mei', text);
    for (const text of ['a SPOILER ahead', '12345']) danmaku.push({ text, kind: 'top' });
  });
  await talk.has(3);
  for (const [name, list] of Object.entries(expected.blocked)) {
    await panel(talk, `[data-list=${name}] input`).fill(list[0]);
    await panel(talk, `[data-list=${name}] input`).press('Enter');
  }
  const { words, expressions } = await settings(talk);
  assert.deepEqual({ words, expressions }, expected.blocked);
  await eventually('the list follows', talk.texts, (texts) => texts.join() === 'harmless', WITHIN_MS);
  await until('the layer is clear', async () => (await talk.ink()).pixels === 0, WITHIN_MS);
  await talk.page.evaluate(() => danmaku.push({ text: 'one more spoiler' }));
  await eventually('the next one is kept away', talk.counts, ({ dropped }) => dropped.chat.blocked === 1, WITHIN_MS);

  await panel(talk, '[data-list=words] .chips button').press('Enter');
  await eventually('the line is back', talk.texts, (texts) => texts.length === 2, WITHIN_MS);
  assert.equal(await talk.page.evaluate(() => document.activeElement === chat), true);
});

test('an expression that could take long is refused in words', async (t) => {
  const talk = await opened(t);
  await panel(talk, '[data-list=expressions] input').fill('(a+)+$');
  await panel(talk, '[data-list=expressions] input').press('Enter');
  assert.match(await panel(talk, '#said').textContent(), /^Not taken/);
  assert.deepEqual((await settings(talk)).expressions, []);
});

test('choices go into a file and come out of one, and a file that is none is refused in words', async (t) => {
  const talk = await opened(t);
  await talk.page.evaluate(() => choices.change({ words: ['mine'], speed: 2 }));
  const download = talk.page.waitForEvent('download');
  await panel(talk, '#export').press('Enter');
  const saved = JSON.parse(await readFile(await (await download).path(), 'utf8'));
  assert.deepEqual([saved.shoal_comments, saved.settings.speed, saved.settings.words], [1, 2, ['mine']]);

  const load = (text) => panel(talk, '#file').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from(text) });
  await load(JSON.stringify(expected.theirs));
  const taken = await eventually('the file is taken over', () => settings(talk), ({ opacity }) => opacity === 0.5, WITHIN_MS);
  assert.deepEqual([taken.words, taken.people, taken.speed], [['mine', 'wall'], [{ id: 9, name: 'Troll' }], 2]);
  assert.match(await panel(talk, '#said').textContent(), /left out: settings\.speed/);
  await load('<i></i>');
  await until('the reason is said', async () => (await panel(talk, '#said').textContent()) === 'The file is no JSON.', WITHIN_MS);
  assert.equal((await settings(talk)).opacity, 0.5);
});

test('another tab of the site follows', async (t) => {
  const talk = await page(t);
  const second = await talk.page.context().newPage();
  await second.goto(talk.page.url());
  const other = await new Talk({ page: second }).ready();
  await talk.page.evaluate(() => choices.change({ area: 0.25 }));
  await until('the other tab has it', async () => (await settings(other)).area === 0.25, WITHIN_MS);
  await until('its layer, too', () => second.evaluate(() => danmaku.settings.area === 0.25), WITHIN_MS);
});

test('everything in the panel has a name', async (t) => {
  const talk = await opened(t);
  await talk.page.evaluate(() => choices.change({ words: ['a'], expressions: ['b'], people: [1] }));
  const controls = await talk.controls();
  assert.deepEqual(controls.filter(({ name }) => name === ''), []);
  for (const role of ['switch', 'slider', 'combobox', 'textbox', 'dialog']) assert.ok(controls.some((one) => one.role === role), role);
  assert.ok(controls.some(({ name }) => name === 'No longer block No. 1'));
});

/** The renderer of comments alone, fed by the page: lines are drawn, taken back, blocked, clicked and counted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

/** Pixels of the layer that are not clear; a worker's canvas can be read by drawing it only. */
const inked = () => {
  const canvas = document.querySelector('#box canvas');
  const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext('2d');
  pen.drawImage(canvas, 0, 0);
  const { data } = pen.getImageData(0, 0, copy.width, copy.height);
  let inked = 0;
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) inked += 1;
  return inked;
};

async function page(t) {
  const { open } = await alone(t);
  const viewer = await open('pages/danmaku.html');
  await until('the layer is there', () => viewer.page.evaluate(() => globalThis.danmaku !== undefined), 10_000);
  return viewer;
}

test('lines of every script and kind are drawn, and each is counted', async (t) => {
  const { page: tab, errors } = await page(t);
  assert.equal(await tab.evaluate(inked), 0);
  await tab.evaluate(() => danmaku.configure({ area: 1 }));
  await tab.evaluate((lines) => lines.forEach((line) => danmaku.push(line)), expected.lines);
  await until('something is drawn', async () => (await tab.evaluate(inked)) > expected.inkedMin, 5_000);
  const { taken, shown, waiting } = await tab.evaluate(() => danmaku.counts());
  assert.deepEqual({ taken, shown, waiting }, { taken: expected.lines.length, shown: expected.lines.length, waiting: 0 });
  assert.deepEqual(errors, []);
});

test('a line is taken back, a blocked word keeps one away, a repeat is merged', async (t) => {
  const { page: tab } = await page(t);
  await tab.evaluate(() => {
    danmaku.configure({ words: ['spoiler'], people: [7], expressions: ['^lol+$'] });
    danmaku.push({ id: 'a', text: 'hello', kind: 'top' });
    danmaku.push({ text: 'HELLO' });
    danmaku.push({ text: 'a Spoiler ahead' });
    danmaku.push({ text: 'friendly', person: 7 });
    danmaku.push({ text: 'lolll' });
  });
  await until('the line is drawn', async () => (await tab.evaluate(inked)) > 0, 5_000);
  const { shown, dropped } = await tab.evaluate(() => danmaku.counts());
  assert.deepEqual([shown, dropped.chat.merged, dropped.chat.blocked], [1, 1, 3]);
  await tab.evaluate(() => danmaku.withdraw('a'));
  await until('the picture is clear', async () => (await tab.evaluate(inked)) === 0, 5_000);
});

test('a line is clicked where it is, a paused one stays, and the layer leaves nothing behind', async (t) => {
  const { page: tab } = await page(t);
  await tab.evaluate(() => danmaku.push({ id: 'top', text: 'in the middle', kind: 'top' }));
  await until('the line is drawn', async () => (await tab.evaluate(inked)) > 0, 5_000);
  await tab.evaluate(() => danmaku.pause());
  await tab.mouse.click(8 + 400, 8 + 10);
  await until('the click is told', async () => (await tab.evaluate(() => clicked.length)) === 1, 5_000);
  assert.deepEqual(await tab.evaluate(() => clicked), ['top']);
  await tab.evaluate(() => danmaku.destroy());
  assert.equal(await tab.evaluate(() => document.getElementById('box').childElementCount), 0);
});

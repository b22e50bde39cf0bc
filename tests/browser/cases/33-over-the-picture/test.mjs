/** The layer over the picture: clicks and menus, other windows and screens, and who wants no motion. */

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

const push = (talk, ...lines) => talk.page.evaluate((all) => all.forEach((line) => danmaku.push(line)), lines);
const drawn = (talk) => until('it is drawn', async () => (await talk.ink()).pixels > 0, WITHIN_MS);
const clear = (talk) => until('nothing is drawn', async () => (await talk.ink()).pixels === 0, WITHIN_MS);
const middle = (talk) => talk.page.evaluate(() => {
  const { left, top, width } = document.getElementById('box').getBoundingClientRect();
  return { x: left + width / 2, y: top + 14 };
});

test('a click on a line is the line’s: it opens its menu, and the picture below does not hear of it', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => {
    globalThis.pressed = 0;
    document.getElementById('box').addEventListener('click', () => { pressed += 1; });
    danmaku.pause();
  });
  await push(talk, { id: '77', text: 'a line that can be clicked', kind: 'top', name: 'Troll', person: 9 });
  await drawn(talk);
  const { x, y } = await middle(talk);
  await until('the pointer is over it', async () => {
    await talk.page.mouse.move(x + Math.random(), y);
    return talk.page.evaluate(() => document.getElementById('box').style.cursor === 'pointer');
  }, WITHIN_MS);
  await talk.page.mouse.click(x, y);
  const items = talk.page.locator('#box [role=menuitem]');
  await until('the menu is open', async () => (await items.count()) === 5, WITHIN_MS);
  assert.deepEqual(await items.allTextContents(), ['Reply', 'Copy', 'Block Troll', 'Block a word…', 'Report…']);
  await items.nth(2).press('Enter');
  assert.deepEqual(await talk.page.evaluate(() => choices.settings.people), [{ id: 9, name: 'Troll' }]);
  await clear(talk);
  await talk.page.keyboard.press('Escape');
  assert.equal(await talk.page.evaluate(() => pressed), 0);
  await talk.page.mouse.move(x, y + 200);
  await until('nothing is under the pointer', () => talk.page.evaluate(() => document.getElementById('box').style.cursor === ''), WITHIN_MS);
  await talk.page.mouse.click(x, y + 200);
  assert.equal(await talk.page.evaluate(() => pressed), 1);
});

test('over the player, too, a click on a line neither plays nor pauses, and one beside it does', async (t) => {
  const { open } = await alone(t);
  // Nobody is at that address: the layer is there all the same.
  const { page: tab } = await open(`pages/talk.html?${new URLSearchParams({ comments: 'ws://127.0.0.1:9/sub', room: 'live://1', p2p: 'off' })}`);
  // Without a stream the poster is in front of the picture.
  await tab.addStyleTag({ content: 'shoal-player::part(poster) { pointer-events: none; }' });
  await until('the layer is there', () => tab.evaluate(() => globalThis.player?.comments?.danmaku != null), WITHIN_MS);
  await tab.evaluate(() => {
    Object.assign(globalThis, { toggled: 0, clicked: [] });
    player.play = async () => { toggled += 1; };
    player.pause = () => { toggled += 1; };
    player.comments.danmaku.on('click', ({ line }) => clicked.push(line.text));
    player.comments.danmaku.pause();
    player.comments.danmaku.push({ text: 'a line that can be clicked', kind: 'top' });
  });
  const { x, y } = await tab.evaluate(() => {
    const { left, top, width } = player.getBoundingClientRect();
    return { x: left + width / 2, y: top + 12 };
  });
  await until('the pointer is over it', async () => {
    await tab.mouse.move(x + Math.random(), y);
    return tab.evaluate(() => player.video.style.cursor === 'pointer');
  }, WITHIN_MS);
  await tab.mouse.click(x, y);
  assert.deepEqual(await tab.evaluate(() => [clicked, toggled]), [['a line that can be clicked'], 0]);
  await until('the pointer is beside it', async () => {
    await tab.mouse.move(x + Math.random(), y + 80);
    return tab.evaluate(() => player.video.style.cursor === '');
  }, WITHIN_MS);
  await tab.mouse.click(x, y + 80);
  await until('the player heard it', () => tab.evaluate(() => toggled === 1), WITHIN_MS);
});

test('lines of every script are drawn with gifts apart, and no two over each other', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => choices.change({ area: 1 }));
  await push(talk, ...expected.lines);
  await drawn(talk);
  const { shown, dropped } = await talk.counts();
  assert.equal(shown, expected.lines.length, JSON.stringify(dropped));
});

test('who wants no motion reads lines that stand', async (t) => {
  const talk = await page(t);
  await talk.page.emulateMedia({ reducedMotion: 'reduce' });
  await talk.page.reload();
  await talk.ready();
  await push(talk, { text: 'it would have crossed the picture' });
  await drawn(talk);
  const { left, right, width } = await talk.ink();
  // In the middle, where a line that scrolls begins at the right.
  assert.ok(Math.abs(left - (width - right)) < width / 20, `${left} ${right} ${width}`);
});

test('the layer is as large as its box and as fine as its screen, wherever these go', async (t) => {
  const talk = await page(t);
  const size = () => talk.page.evaluate(() => {
    const canvas = document.querySelector('#box canvas');
    const { width, height } = document.getElementById('box').getBoundingClientRect();
    return { is: [canvas.width, canvas.height], wanted: [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)], ratio: devicePixelRatio };
  });
  const fits = (what, ratio) => eventually(what, size, (one) => one.is.join() === one.wanted.join() && one.ratio === ratio, WITHIN_MS);
  await push(talk, { text: 'stays', kind: 'top' });
  await fits('it fits', 1);
  await talk.page.evaluate(() => { document.getElementById('box').style.height = '300px'; });
  await fits('it fits the smaller box', 1);
  const session = await talk.page.context().newCDPSession(talk.page);
  await session.send('Emulation.setDeviceMetricsOverride', { width: 1_000, height: 700, deviceScaleFactor: 2, mobile: false });
  await fits('it fits the finer screen', 2);
  await talk.page.evaluate(() => { document.getElementById('box').requestFullscreen(); });
  await until('it fills the screen', () => talk.page.evaluate(() => document.fullscreenElement !== null), WITHIN_MS);
  await fits('it fits the whole screen', 2);
  assert.deepEqual(talk.viewer.errors, []);
});

test('while the picture is in a window of its own, or the tab is hidden, nothing is drawn; then lines are where they would be', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(async () => {
    danmaku.destroy();
    const { createDanmaku } = await import('/player/danmaku.js');
    const video = document.createElement('video');
    document.body.append(video);
    Object.assign(globalThis, { video, danmaku: await createDanmaku(document.getElementById('box'), { choices, video }) });
    globalThis.away = (is) => {
      Object.defineProperty(document, 'pictureInPictureElement', { value: is ? video : null, configurable: true });
      video.dispatchEvent(new Event(is ? 'enterpictureinpicture' : 'leavepictureinpicture'));
    };
    globalThis.hide = (is) => {
      Object.defineProperty(document, 'hidden', { value: is, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    };
  });
  for (const deed of ['away', 'hide']) {
    await talk.page.evaluate((name) => globalThis[name](true), deed);
    await push(talk, { text: `${deed}: unseen for now`, kind: 'paid', class: 'paid', holdMs: 30_000 });
    await eventually('it is taken', talk.counts, ({ shown }) => shown > 0, WITHIN_MS);
    assert.equal((await talk.ink()).pixels, 0, deed);
    assert.equal(await talk.page.evaluate(() => document.querySelector('#box canvas').hidden), deed === 'away');
    await talk.page.evaluate((name) => globalThis[name](false), deed);
    await drawn(talk);
    await talk.page.evaluate(() => danmaku.clear());
    await clear(talk);
  }
});

test('the layer goes with its box into a window of its own and back, and is drawn in both', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => {
    const button = Object.assign(document.createElement('button'), { id: 'away', textContent: 'Into a window' });
    const box = document.getElementById('box');
    button.addEventListener('click', async () => {
      globalThis.small = await documentPictureInPicture.requestWindow({ width: 500, height: 300 });
      // The page's style sheet stays behind.
      box.style.cssText = 'position:relative;height:280px';
      small.document.body.append(box);
    });
    document.body.append(button);
    globalThis.there = () => {
      const canvas = box.querySelector('canvas');
      const { width, height } = box.getBoundingClientRect();
      const copy = Object.assign(document.createElement('canvas'), { width: canvas.width || 1, height: canvas.height || 1 });
      const pen = copy.getContext('2d');
      pen.drawImage(canvas, 0, 0);
      const ratio = box.ownerDocument.defaultView.devicePixelRatio;
      return {
        isAway: box.ownerDocument !== document,
        fits: canvas.width === Math.round(width * ratio) && canvas.height === Math.round(height * ratio),
        drawn: pen.getImageData(0, 0, copy.width, copy.height).data.some((value) => value !== 0),
      };
    };
    globalThis.back = () => {
      document.body.prepend(box);
      small.close();
    };
  });
  const there = () => talk.page.evaluate(() => there());
  const line = (text) => ({ text, kind: 'paid', class: 'paid', holdMs: 30_000 });
  await push(talk, line('carried'));
  await drawn(talk);
  await talk.page.locator('#away').click();
  await eventually('it is in its own window', there, ({ isAway, fits }) => isAway && fits, WITHIN_MS);
  await talk.page.evaluate(() => danmaku.clear());
  await push(talk, line('said meanwhile'));
  await eventually('it is drawn there', there, (one) => one.drawn, WITHIN_MS);
  await talk.page.evaluate(() => back());
  await eventually('it is back, and drawn', there, ({ isAway, fits, drawn: is }) => !isAway && fits && is, WITHIN_MS);
  assert.deepEqual(talk.viewer.errors, []);
});

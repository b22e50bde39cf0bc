/** A file of comments beside a recording: lines come at the picture's time, also after a seek and at another rate; all counted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { besidePage } from '../../harness/beside.mjs';
import { eventually, until } from '../../harness/wait.mjs';
import { alone } from '../../harness/world.mjs';
import expected from './expected.json' with { type: 'json' };

const WITHIN_MS = 60_000;

/** A recording without a picture: silence that plays and seeks like any other. */
function record({ seconds }) {
  const rate = 8_000;
  const bytes = new Uint8Array(44 + seconds * rate).fill(128);
  const view = new DataView(bytes.buffer);
  const words = [[0, 'RIFF'], [8, 'WAVE'], [12, 'fmt '], [36, 'data']];
  for (const [at, word] of words) bytes.set([...word].map((letter) => letter.charCodeAt(0)), at);
  for (const [at, value] of [[4, bytes.length - 8], [16, 16], [24, rate], [28, rate], [40, bytes.length - 44]]) view.setUint32(at, value, true);
  for (const [at, value] of [[20, 1], [22, 1], [32, 1], [34, 8]]) view.setUint16(at, value, true);
  const video = Object.assign(document.createElement('video'), { src: URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' })), muted: true });
  document.body.append(video);
  globalThis.video = video;
  return new Promise((resolve, reject) => {
    video.addEventListener('loadeddata', () => resolve(), { once: true });
    video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
  });
}

async function page(t) {
  const talk = await (await besidePage(await alone(t))).ready();
  await talk.page.evaluate(record, expected);
  await talk.page.evaluate(async (lines) => {
    Object.assign(globalThis, await import('/player/danmaku.js'));
    choices.change({ area: 1 });
    globalThis.xml = `<?xml version="1.0"?><i>${lines.map(([p, text]) => `<d p="${p}">${text}</d>`).join('\n')}</i>`;
    globalThis.replay = await loadReplay(new Blob([xml]));
    globalThis.player = playReplay(danmaku, video, replay);
  }, expected.xml);
  return talk;
}

const counts = (talk) => talk.page.evaluate(() => player.counts);
const seek = (talk, second) => talk.page.evaluate((to) => new Promise((done) => {
  video.addEventListener('seeked', () => done(), { once: true });
  video.currentTime = to;
}), second);

test('lines come when the picture comes to them, and those of the moment come back after a seek', async (t) => {
  const talk = await page(t);
  assert.deepEqual(await talk.page.evaluate(() => [replay.format, replay.lines.length, replay.refused.unsupported]), ['bilibili-xml', 5, 1]);
  assert.deepEqual(await counts(talk), { lines: 5, said: 0, caughtUp: 0, missed: 0, seeks: 0 });

  await seek(talk, 59.5);
  assert.deepEqual(await counts(talk), { lines: 5, said: 0, caughtUp: 0, missed: 0, seeks: 1 });
  await talk.page.evaluate(() => video.play());
  // On a machine that stands still for seconds a line may be over before it is seen: it is counted all the same.
  const { said: first } = await eventually('two have come', () => counts(talk), ({ said, missed }) => said + missed === 2, WITHIN_MS);
  await talk.page.evaluate(() => video.pause());
  assert.ok(await talk.page.evaluate(() => video.currentTime >= 60.25));

  // At 4 s the first is on its way across and the second still stands.
  await seek(talk, 4);
  assert.deepEqual(await counts(talk), { lines: 5, said: first + 2, caughtUp: 2, missed: 2 - first, seeks: 2 });
  await eventually('all are counted', talk.counts, ({ taken, shown }) => taken === first + 2 && shown === taken, WITHIN_MS);
  await until('the two are drawn while the picture stands', async () => (await talk.ink()).pixels > 0, WITHIN_MS);

  // At 30 s nothing was said for long.
  await seek(talk, 30);
  await until('nothing is drawn', async () => (await talk.ink()).pixels === 0, WITHIN_MS);
  assert.equal((await counts(talk)).said, first + 2);
  assert.deepEqual(talk.viewer.errors, []);
});

test('at another rate lines come at the picture’s time, and nothing comes while it stands', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => {
    video.playbackRate = 16;
    return video.play();
  });
  await eventually('all have come', () => counts(talk), ({ said, missed }) => said + missed === 5, WITHIN_MS);
  assert.ok(await talk.page.evaluate(() => video.currentTime >= 119));
});

test('an offset moves all lines, and the end takes them from the picture', async (t) => {
  const talk = await page(t);
  await talk.page.evaluate(() => { player.offsetMs = 61_000; });
  assert.deepEqual(await counts(talk), { lines: 5, said: 2, caughtUp: 2, missed: 0, seeks: 0 });
  await until('they are drawn', async () => (await talk.ink()).pixels > 0, WITHIN_MS);
  await talk.page.evaluate(() => player.destroy());
  await until('nothing is drawn', async () => (await talk.ink()).pixels === 0, WITHIN_MS);
});

test('our own export plays, and a file that is none is refused with its reason', async (t) => {
  const talk = await page(t);
  const said = await talk.page.evaluate(async () => {
    player.destroy();
    const comments = [{ time_ms: 500, id: '1', user: '7', name: 'Mei', text: 'from json', mode: 'bottom', color: 255 }];
    const file = new Blob([JSON.stringify({ version: 1, room: 'live://1', start_ms: 0, comments })]);
    const own = playReplay(danmaku, video, await loadReplay(file), { offsetMs: 1_000 });
    return own.counts.said;
  });
  assert.equal(said, 1);
  const codes = await talk.page.evaluate(async () => {
    const tries = [new Blob(['hello']), new Blob(['{"version":9,"comments":[]}']), '/nothing-here.xml'];
    return Promise.all(tries.map((one) => loadReplay(one).then(() => 'read', ({ name, code }) => `${name} ${code}`)));
  });
  assert.deepEqual(codes, ['ReplayError format', 'ReplayError version', 'ReplayError unreachable']);
});

/** Which comments belong to the picture: those of now at the live edge, those of its moment behind it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Rewind } = await load('element/rewind.ts');

const turn = async () => { for (let i = 0; i < 5; i += 1) await Promise.resolve(); };
const line = (atMs, id = String(atMs)) => ({ id, atMs, text: id });

/** A player at the live edge, 6 s behind the encoder; the picture's second 100 was taken at the clock's 1,000,000 ms. */
function player() {
  const video = Object.assign(new EventTarget(), { currentTime: 100, seeking: false });
  const hls = {
    liveSyncPosition: 100, latency: 6, targetLatency: 5,
    get playingDate() { return new Date(1_000_000 + (video.currentTime - 100) * 1_000); },
  };
  const [asked, shown] = [[], []];
  const said = [];
  const room = {
    historyAt: async (from, until) => {
      asked.push([from, until]);
      const found = said.filter(({ atMs }) => atMs >= from && atMs < until);
      return { ok: true, lines: found.slice(0, 200), more: found.length > 200 };
    },
  };
  const rewind = new Rewind(video, () => hls, room, { show: ({ id }, agoMs) => shown.push([id, agoMs]) });
  const tell = async (name) => {
    video.dispatchEvent(new Event(name));
    await turn();
  };
  /** The picture goes on, and live with it. */
  const play = async (seconds) => {
    video.currentTime += seconds;
    hls.liveSyncPosition += seconds;
    await tell('timeupdate');
  };
  const seek = async (to) => {
    video.currentTime = to;
    video.seeking = true;
    await tell('seeking');
    video.seeking = false;
    await tell('seeked');
  };
  return { video, hls, rewind, asked, shown, said, play, seek, tell };
}

test('at the live edge nothing is asked', async () => {
  const { rewind, asked, play } = player();
  await play(1);
  await play(1);
  assert.deepEqual([rewind.isBehind, asked], [false, []]);
});

test('a picture of the past brings the lines of its moment, each when it is due, and none that was not said by then', async () => {
  const { rewind, asked, shown, said, play, seek } = player();
  await play(0);
  // At the picture's second 70 viewers at the edge, six seconds behind it, were at the clock's 976,000.
  said.push(line(970_000), line(975_000), line(977_500), line(1_005_000));
  await seek(70);
  assert.deepEqual([rewind.isBehind, asked], [true, [[968_000, 996_000]]]);
  assert.deepEqual(shown, [['970000', 6_000], ['975000', 1_000]]);
  await play(1);
  assert.equal(shown.length, 2);
  await play(1);
  assert.deepEqual(shown.slice(2), [['977500', 500]]);
  for (let second = 0; second < 27; second += 1) await play(1);
  assert.deepEqual(shown.slice(3), [['1005000', 0]]);
  assert.ok(asked.every(([from, until], at) => from < until && (at === 0 || from === asked[at - 1][1])), JSON.stringify(asked));
});

test('nothing is asked of a time that has not been said yet', async () => {
  const { asked, seek, play } = player();
  await play(0);
  await seek(93);
  assert.deepEqual(asked, [[991_000, 1_006_000]]);
});

test('a second seek forgets the first, and what was taken back meanwhile is not shown', async () => {
  const { rewind, shown, said, play, seek, video, tell } = player();
  await play(0);
  said.push(line(979_000), line(980_000));
  video.currentTime = 60;
  const first = tell('seeked');
  const second = seek(72);
  await Promise.all([first, second]);
  rewind.withdraw(['979000']);
  await play(3);
  assert.deepEqual(shown, [['980000', 1_000]]);
});

test('a moment with more lines than one answer is shown whole, each line once', async () => {
  const { shown, said, play, seek } = player();
  await play(0);
  for (let at = 0; at < 450; at += 1) said.push(line(976_100 + at * 10, `n${at}`));
  await seek(70);
  for (let second = 0; second < 8; second += 1) await play(1);
  assert.deepEqual(shown.map(([id]) => id), said.map(({ id }) => id));
});

test('who comes back to live is live, and after the end nothing is asked', async () => {
  const { rewind, asked, seek, play } = player();
  await play(0);
  await seek(70);
  await seek(100);
  assert.equal(rewind.isBehind, false);
  rewind.end();
  const before = asked.length;
  await seek(70);
  assert.equal(asked.length, before);
});

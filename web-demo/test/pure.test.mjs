/** What the page computes before it draws: rates, paths, words for numbers, and the address. Loaded through Vite. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const vite = await createServer({ root, server: { middlewareMode: true, ws: false, watch: null }, appType: 'custom', logLevel: 'error' });
after(() => vite.close());
const [{ History, HISTORY_SECONDS }, { area, line, roundTop }, { bytes, percent, rate }, { parseAddress, streamName, withP2p }, { placeOf }] =
  await Promise.all(['history', 'chart', 'format', 'address', 'facts'].map((name) => vite.ssrLoadModule(`/src/${name}.ts`)));

const sample = (peerBytes, originBytes, behindMs = null) => ({ peerBytes, originBytes, behindMs });

test('a segment every two seconds is a steady rate, not a comb', () => {
  const history = new History();
  for (let second = 0; second <= 12; second += 1) history.push(sample(Math.floor(second / 2) * 200_000, 0));
  const settled = history.rates().slice(4);
  assert.ok(settled.length > 0);
  for (const { peer, origin } of settled) assert.deepEqual([peer, origin], [800_000, 0]);
});

test('the history keeps two minutes and no more', () => {
  const history = new History();
  for (let second = 0; second < 500; second += 1) history.push(sample(second, second, second));
  assert.equal(history.rates().length, HISTORY_SECONDS);
  assert.equal(history.distances().length, HISTORY_SECONDS);
  assert.equal(history.distances().at(-1), 499);
  assert.equal(history.span(), HISTORY_SECONDS);
});

test('a line has a gap where nothing is known, and ends at the right edge', () => {
  assert.equal(line([5, null, 10], { span: 3, top: 10 }), 'M0.0,50.0M120.0,0.0');
  assert.equal(area([0], [1], { span: 3, top: 10 }), '', 'one point has no area');
});

test('numbers are written as people read them', () => {
  const rows = [
    [bytes(999), '999 B'], [bytes(61_440), '61 kB'], [bytes(1_990_000), '2.0 MB'], [bytes(2.5e9), '2.50 GB'],
    [rate(832_000), '832 kbit/s'], [rate(2_000_000), '2.0 Mbit/s'],
    [percent(0.996), '99'], [percent(1), '100'], [percent(0.002), '1'], [percent(0), '0'],
    [roundTop(0), 1], [roundTop(830), 1_000], [roundTop(1_001), 2_000], [roundTop(5_000), 5_000],
  ];
  for (const [seen, wanted] of rows) assert.equal(seen, wanted);
});

test('the address says what to play and whether to share it', () => {
  assert.deepEqual(parseAddress(''), { src: '/live/main/master.m3u8', p2p: true });
  assert.deepEqual(parseAddress('?src=http://a/b.m3u8&p2p=off'), { src: 'http://a/b.m3u8', p2p: false });
  assert.equal(withP2p('?src=a', false), '?src=a&p2p=off');
  assert.equal(withP2p('?p2p=off', true), './');
});

test('a stream is named by the folder of its playlist, and a malformed address by nothing', () => {
  const rows = [
    ['/live/main/master.m3u8', 'main'], ['http://o/live/a%20b/master.m3u8', 'a b'], ['%', ''], ['/live/%/x.m3u8', ''],
    ['http://', ''], ['', ''],
  ];
  for (const [src, name] of rows) assert.equal(streamName(src, 'http://page/'), name, src);
});

test('a server without a room, or with other words, has none', () => {
  const chat = { ws: 'ws://c/sub', api: 'http://c/chat/v1', room: 'live://1' };
  const rows = [
    [JSON.stringify({ stream: 'main', chat }), chat],
    [JSON.stringify({ chat: { ...chat, api: 5 } }), null],
    ['{}', null],
    ['null', null],
    ['<!doctype html>', null],
  ];
  for (const [text, wanted] of rows) assert.deepEqual(placeOf(text), wanted, text);
});

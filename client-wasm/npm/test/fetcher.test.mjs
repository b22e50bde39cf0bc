/** GETs of blocks: alone, and adjacent ones in one range of their segment. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Fetcher, runs } = await load('internal/fetcher.ts');
const { Meter } = await load('internal/meter.ts');

const BLOCK = 4;
const SEGMENT = Uint8Array.of(0, 1, 2, 3, 10, 11, 12, 13, 20, 21);
const asked = (fetch, block, segment = 'http://x/7.m4s') => ({ fetch, block, url: `http://x/7/blocks/${block}`, segment });

/** A fetcher before an origin that is `answer`; `told` is what the engine hears, `gets` what the origin is asked. */
function setup(t, answer) {
  const [told, gets] = [[], []];
  const events = Object.fromEntries(['block', 'list', 'notYet', 'absent', 'unreachable'].map((name) => [
    name, (fetch, what) => told.push([name, fetch, ...(what instanceof Uint8Array ? what : [what ?? []].flat())]),
  ]));
  t.mock.method(globalThis, 'fetch', async (url, { headers, signal }) => {
    gets.push([url.slice('http://x/'.length), headers.get('range')]);
    const response = await answer(url, headers.get('range'), signal);
    signal.throwIfAborted();
    return response;
  });
  return { fetcher: new Fetcher(events, new Meter(), BLOCK, undefined), told, gets };
}

function ranged(url, range) {
  if (range === null) {
    const at = Number(url.split('/').at(-1)) * BLOCK;
    return new Response(SEGMENT.slice(at, at + BLOCK));
  }
  const [first, last] = range.slice('bytes='.length).split('-').map(Number);
  return new Response(SEGMENT.slice(first, last + 1), { status: 206 });
}

/** Everything that is under way is over. */
const idle = async (fetcher) => {
  for (let turn = 0; fetcher.size > 0; turn += 1) {
    assert.ok(turn < 1_000, 'a fetch is never over');
    await new Promise((wake) => setImmediate(wake));
  }
};

test('adjacent blocks of one turn come in one range, and the one past the end is absent', async (t) => {
  const { fetcher, told, gets } = setup(t, ranged);
  for (const block of [1, 3, 2]) fetcher.block(asked(100 + block, block));
  await idle(fetcher);
  assert.deepEqual(gets, [['7.m4s', 'bytes=4-15']]);
  assert.deepEqual(told, [['block', 101, 10, 11, 12, 13], ['block', 102, 20, 21], ['absent', 103]]);
});

test('an origin that ignores ranges is understood', async (t) => {
  const { fetcher, told } = setup(t, () => new Response(SEGMENT.slice(0, 8)));
  fetcher.block(asked(1, 0));
  fetcher.block(asked(2, 1));
  await idle(fetcher);
  assert.deepEqual(told, [['block', 1, 0, 1, 2, 3], ['block', 2, 10, 11, 12, 13]]);
});

test('where a range is refused each block is fetched by its own URL, then and later', async (t) => {
  const { fetcher, told, gets } = setup(t, (url, range) => (range === null ? ranged(url, range) : new Response('', { status: 403 })));
  for (const round of [0, 10]) {
    fetcher.block(asked(round + 1, 0));
    fetcher.block(asked(round + 2, 1));
    await idle(fetcher);
  }
  assert.deepEqual(gets.map(([, range]) => range), ['bytes=0-7', null, null, null, null]);
  assert.deepEqual(told.map(([name, fetch]) => [name, fetch]), [['block', 1], ['block', 2], ['block', 11], ['block', 12]]);
});

test('a cancelled block does not take the others of its range with it; the last one does', async (t) => {
  let go;
  let aborted = false;
  const { fetcher, told } = setup(t, (url, range, signal) => new Promise((resolve) => {
    signal.addEventListener('abort', () => { aborted = true; });
    go = () => resolve(ranged(url, range));
  }));
  for (const block of [0, 1]) fetcher.block(asked(block, block));
  await Promise.resolve();
  fetcher.cancel(0);
  assert.equal(aborted, false);
  go();
  await idle(fetcher);
  assert.deepEqual(told, [['block', 1, 10, 11, 12, 13]]);
  for (const block of [0, 1]) fetcher.block(asked(block, block));
  await Promise.resolve();
  aborted = false;
  fetcher.cancel(0);
  fetcher.cancel(1);
  assert.deepEqual([aborted, fetcher.size, told.length], [true, 0, 1]);
});

test('a block that is cancelled in the turn in which it was asked for costs nothing', async (t) => {
  const { fetcher, gets } = setup(t, ranged);
  fetcher.block(asked(1, 0));
  fetcher.cancel(1);
  await Promise.resolve();
  assert.deepEqual([gets, fetcher.size], [[], 0]);
});

test('only adjacent blocks of one listed segment make a run', () => {
  const wanted = [asked(1, 0), asked(2, 2), asked(3, 1), asked(4, 4), asked(5, 0, undefined), { ...asked(6, 1), segment: undefined }, asked(7, 1, 'y')];
  wanted[4] = { ...wanted[4], segment: undefined };
  assert.deepEqual(runs(wanted).map((run) => run.map(({ fetch }) => fetch)), [[1, 3, 2], [5], [6], [7], [4]]);
});

/** A room's messages in the room's order: duplicates dropped, holes held, filled or given up, nothing out of place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Order, WAITING_MAX } = await load('room/order.ts');

function order() {
  const given = [];
  const lost = [];
  const made = new Order((item) => given.push(item), ({ after, before }, filled) => { if (!filled) lost.push([after.sequence, before.sequence]); });
  const take = (...sequences) => { for (const sequence of sequences) made.take({ epoch: 1, sequence }, sequence); };
  const fill = (sequences, whole = true, until = undefined) =>
    made.fill(sequences.map((sequence) => ({ place: { epoch: 1, sequence }, item: sequence })), whole, until && { epoch: 1, sequence: until });
  return { made, given, lost, take, fill };
}

test('what comes in order is given at once, and what comes twice once', () => {
  const { given, take, made } = order();
  take(5, 6, 6, 5, 7);
  assert.deepEqual([given, made.last, made.hole], [[5, 6, 7], { epoch: 1, sequence: 7 }, null]);
});

test('what comes behind a hole waits, and comes in its place once the hole is filled', () => {
  const { given, lost, take, fill, made } = order();
  take(1, 4, 5);
  assert.deepEqual([given, made.waiting, made.hole.before], [[1], 2, { epoch: 1, sequence: 4 }]);
  fill([3, 2, 4, 1, 9]);
  take(6);
  assert.deepEqual([given, lost, made.hole], [[1, 2, 3, 4, 5, 6], [], null]);
});

test('numbers that history knows of and has no line for are no loss', () => {
  const { given, lost, take, fill } = order();
  take(1, 5);
  fill([3]);
  assert.deepEqual([given, lost], [[1, 3, 5], []]);
});

test('a hole that is given up, or filled in part, is told as lost, and everything goes on', () => {
  const one = order();
  one.take(1, 4);
  one.made.giveUp();
  assert.deepEqual([one.given, one.lost], [[1, 4], [[1, 4]]]);
  const two = order();
  two.take(1, 4);
  two.fill([3], false);
  assert.deepEqual([two.given, two.lost], [[1, 3, 4], [[1, 4]]]);
});

test('a second hole behind the first is held up in its turn', () => {
  const { given, take, fill, made } = order();
  take(1, 3, 6);
  fill([2]);
  assert.deepEqual([given, made.hole], [[1, 2, 3], { after: { epoch: 1, sequence: 3 }, before: { epoch: 1, sequence: 6 } }]);
  fill([4, 5]);
  assert.deepEqual([given, made.waiting], [[1, 2, 3, 4, 5, 6], 0]);
});

test('one answer fills every hole up to what waits', () => {
  const closed = [];
  const given = [];
  const made = new Order((item) => given.push(item), ({ after, before }, filled) => closed.push([after.sequence, before.sequence, filled]));
  const entry = (sequence) => ({ place: { epoch: 1, sequence }, item: sequence });
  for (const sequence of [1, 3, 4, 7, 9]) made.take({ epoch: 1, sequence }, sequence);
  assert.deepEqual(made.newest, { epoch: 1, sequence: 9 });
  made.fill([2, 5, 6, 8, 9, 10].map(entry), true, { epoch: 1, sequence: 7 });
  assert.deepEqual([given, closed], [[1, 2, 3, 4, 5, 6, 7], [[1, 3, true], [4, 7, true]]]);
  assert.deepEqual(made.hole, { after: { epoch: 1, sequence: 7 }, before: { epoch: 1, sequence: 9 } });
  made.fill([entry(8)], false);
  assert.deepEqual([given.slice(7), closed[2]], [[8, 9], [7, 9, false]]);
});

test('another epoch is a hole, however small, and an earlier one is past', () => {
  const { made, given } = order();
  made.take({ epoch: 1, sequence: 9 }, 'old');
  made.take({ epoch: 2, sequence: 1 }, 'new');
  assert.deepEqual([given, made.hole.after], [['old'], { epoch: 1, sequence: 9 }]);
  made.fill([{ place: { epoch: 1, sequence: 10 }, item: 'between' }], true);
  made.take({ epoch: 1, sequence: 11 }, 'late');
  assert.deepEqual([given, made.last], [['old', 'between', 'new'], { epoch: 2, sequence: 1 }]);
});

test('at the limit messages wait behind a hole, and one past it the hole is given up', () => {
  const { given, lost, take, made } = order();
  take(1);
  for (let sequence = 3; sequence < 3 + WAITING_MAX; sequence += 1) take(sequence);
  assert.deepEqual([given.length, made.waiting], [1, WAITING_MAX]);
  take(3 + WAITING_MAX);
  assert.deepEqual([given.length, made.waiting, lost], [WAITING_MAX + 2, 0, [[1, 3]]]);
});

test('whatever comes in whatever order, places given out only rise and nothing comes twice', () => {
  let state = 11;
  const next = (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return (state >> 8) % limit;
  };
  for (let round = 0; round < 300; round += 1) {
    const { made, given, take, fill } = order();
    for (let step = 0; step < 60; step += 1) {
      const what = next(10);
      if (what < 7) take(1 + next(40));
      else if (what < 9) fill([...Array(next(6))].map(() => 1 + next(40)), next(2) === 0);
      else made.giveUp();
    }
    assert.deepEqual(given, [...new Set(given)].sort((a, b) => a - b), `round ${round}`);
  }
});

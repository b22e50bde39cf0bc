/** What ABR is told: transfer time, never waiting time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Meter } = await load('internal/meter.ts');
const { PendingTiming, arrivedTiming } = await load('internal/load-stats.ts');

/** hls.js 1.7, abr-controller, `onFragBuffered`: bits per second of a fragment that was parsed at once. */
function sampleOfHls({ start, first, end }, bytes, ttfbEstimate = 100) {
  return (8_000 * bytes) / (end - start - Math.min(first - start, ttfbEstimate));
}

/** A meter on a clock that the test turns. */
function meter() {
  const clock = { now: 1_000 };
  return { clock, meter: new Meter(() => clock.now) };
}

test('a segment that waited five seconds in the market is reported at the rate of the link', () => {
  const { clock, meter: link } = meter();
  const transfer = link.begin(980);
  clock.now += 60;
  transfer.end(60_000); // 1,000 bytes/ms = 8 Mbit/s, 20 ms to the first byte.
  const timing = arrivedTiming(208_000, 1_000, 6_060, link);
  assert.equal(Math.round(sampleOfHls(timing, 208_000)), 8_000_000);
  assert.deepEqual(timing, { start: 6_060 - 208 - 20, first: 6_060 - 208, end: 6_060 });
});

test('a segment that was in the cache already is not reported as an infinitely fast link', () => {
  const { clock, meter: link } = meter();
  const transfer = link.begin(1_000);
  clock.now += 100;
  transfer.end(61_440);
  const timing = arrivedTiming(208_000, 1_100, 1_101, link);
  assert.ok(timing.end - timing.first > 300);
});

test('without any measurement the truth is reported', () => {
  assert.deepEqual(arrivedTiming(1, 10, 50, new Meter()), { start: 10, first: 10, end: 50 });
});

test('bodies that overlap share the link: their sum over the time that any was on its way', () => {
  const { clock, meter: link } = meter();
  const one = link.begin(1_000);
  clock.now += 50;
  const two = link.begin(1_040);
  clock.now += 50;
  one.end(60_000);
  clock.now += 20;
  two.end(60_000);
  assert.equal(link.bytesPerMs(), 1_000);
  assert.equal(link.busyMs(), 120);
  assert.equal(link.firstByteMs(), 0);
});

test('a transfer ends once, and one that brought nothing is no sample', () => {
  const { clock, meter: link } = meter();
  const transfer = link.begin(1_000);
  clock.now += 10;
  transfer.end(0);
  transfer.end(60_000);
  assert.equal(link.bytesPerMs(), undefined);
});

test('an old figure gives way to a new one', () => {
  const { clock, meter: link } = meter();
  link.sample(1_000_000, 100, 10);
  clock.now += 60_000;
  link.sample(100_000, 1_000, 10);
  assert.ok(link.bytesPerMs() < 200, String(link.bytesPerMs()));
});

test('the clock of a pending segment stands while nothing comes from the origin', (t) => {
  let now = 5_000;
  t.mock.method(performance, 'now', () => now);
  const link = new Meter(() => now);
  let loaded = 0;
  const timing = new PendingTiming(link, () => loaded);
  now += 4_000;
  assert.equal(now - timing.start, 0);
  assert.equal(timing.first, 0);
  const transfer = link.begin(now);
  now += 700;
  loaded = 61_440;
  assert.equal(now - timing.start, 700);
  assert.ok(timing.first > 0);
  transfer.end(61_440);
  now += 2_000;
  assert.equal(now - timing.start, 700);
});

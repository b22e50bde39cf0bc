/** The fragment loader, between a swarm and the loader that hls.js had. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { fragmentLoader } = await load('internal/loader.ts');
const { Meter } = await load('internal/meter.ts');

const CONTEXT = { url: 'http://x/1.m4s', frag: { sn: 1 }, part: null };
const POLICY = { loadPolicy: { maxTimeToFirstByteMs: 10_000, maxLoadTimeMs: 20_000 } };

class Plain {
  stats = { aborted: false, loaded: 0, total: 0, retry: 0, loading: { start: 0, first: 0, end: 0 } };
  static last;
  constructor() {
    Plain.last = this;
  }
  load(context, _, callbacks) {
    assert.equal(this.stats.loading.start, 0, 'a loader of hls.js may be used once only');
    this.finish = (bytes) => {
      Object.assign(this.stats, { loaded: bytes, total: bytes, loading: { start: 10, first: 20, end: 30 } });
      callbacks.onSuccess({ url: context.url, data: new ArrayBuffer(bytes), code: 200 }, this.stats, context, null);
    };
    this.callbacks = callbacks;
  }
  abort() {
    this.aborted = true;
  }
  destroy() {
    this.destroyed = true;
  }
}

/** A loader whose swarm answers as the test says; `seen` is what hls.js saw. */
function setup(asks) {
  const seen = [];
  const host = {
    meter: new Meter(),
    plain: 0,
    cancelled: 0,
    ask(_, wish) {
      this.wish = wish;
      return asks(this);
    },
    arrived: () => 0,
    onPlain(_, bytes) {
      this.plain += bytes;
    },
  };
  const Loader = fragmentLoader(host, Plain);
  const loader = new Loader({});
  const callbacks = {
    onSuccess: ({ data }) => seen.push(['success', data.byteLength]),
    onAbort: () => seen.push(['abort']),
    onError: () => seen.push(['error']),
    onTimeout: () => seen.push(['timeout']),
  };
  const start = () => loader.load(CONTEXT, POLICY, callbacks);
  return { host, loader, seen, start };
}

const wanted = (host) => ({ cancel: () => (host.cancelled += 1) });

test('a segment of the swarm is delivered once, with its size', () => {
  const { host, loader, seen, start } = setup(wanted);
  start();
  host.wish.ready(new ArrayBuffer(5));
  host.wish.ready(new ArrayBuffer(6));
  assert.deepEqual(seen, [['success', 5]]);
  assert.equal(loader.stats.loaded, 5);
  assert.equal(loader.stats.total, 5);
  assert.equal(host.plain, 0);
  loader.destroy();
});

test('a segment that is there at once is delivered too', () => {
  const { seen, start } = setup((host) => {
    host.wish.ready(new ArrayBuffer(9));
    return wanted(host);
  });
  start();
  assert.deepEqual(seen, [['success', 9]]);
});

test('a segment that the swarm gives up is loaded plainly, and its bytes are counted', () => {
  const { host, seen, start } = setup(wanted);
  start();
  host.wish.giveUp();
  Plain.last.finish(7);
  assert.deepEqual(seen, [['success', 7]]);
  assert.equal(host.plain, 7);
  assert.ok(host.meter.bytesPerMs() > 0);
});

test('what the swarm does not do at all is loaded plainly', () => {
  const { seen, start } = setup(() => 'plain');
  start();
  Plain.last.finish(3);
  assert.deepEqual(seen, [['success', 3]]);
});

test('an aborted wish is taken back, and said to be aborted', () => {
  const { host, loader, seen, start } = setup(wanted);
  start();
  loader.abort();
  assert.equal(host.cancelled, 1);
  assert.deepEqual(seen, [['abort']]);
  assert.equal(loader.stats.aborted, true);
  host.wish.ready(new ArrayBuffer(4));
  assert.equal(seen.length, 1);
});

test('an aborted plain load is the plain loader\'s to abort', () => {
  const { loader, start } = setup(() => 'plain');
  start();
  loader.abort();
  assert.equal(Plain.last.aborted, true);
});

test('a destroyed loader says nothing more and takes its wish back', () => {
  const { host, loader, seen, start } = setup(wanted);
  start();
  loader.destroy();
  host.wish.giveUp();
  assert.deepEqual([seen, host.cancelled, Plain.last.destroyed], [[], 1, true]);
});

test('a swarm that says nothing for as long as a silent server may is not waited for', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { host, seen, start } = setup(wanted);
  start();
  t.mock.timers.tick(10_000);
  assert.equal(host.cancelled, 1);
  Plain.last.finish(8);
  assert.deepEqual(seen, [['success', 8]]);
});

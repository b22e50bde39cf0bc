/** The shell's small parts: the pump, the hashes for plain-http pages, memory, Retry-After. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, repository } from './load.mjs';

const { Pump } = await load('internal/engine.ts');
const { Store } = await load('internal/store.ts');
const { retryAfterMs } = await load('internal/fetcher.ts');
const fallback = await load('internal/crypto-fallback.ts');

/** An engine that notes what is called; each input has one output, of kind 3, before its timeout. */
function engine(note, at = () => Infinity) {
  let outputs = [];
  return {
    input: (_, kind) => {
      note.push(kind);
      if (kind === 99) throw new Error('unreachable');
      outputs = [[3, 7], [0, at()]];
    },
    poll: () => Float64Array.from(outputs.shift()),
    bytes: () => new Uint8Array(),
    report: () => Float64Array.of(1),
    free: () => note.push('free'),
  };
}

test('an input that an output causes waits until the outputs are out', () => {
  const note = [];
  const pump = new Pump(engine(note), ([, link]) => {
    note.push(`deed ${link}`);
    if (note.length === 2) pump.post(20);
    note.push('done');
  }, assert.fail);
  pump.post(19);
  assert.deepEqual(note, [19, 'deed 7', 'done', 20, 'deed 7', 'done']);
  assert.equal(pump.timers, 0);
});

test('a timeout is handed in when its moment has come, and the timer is gone after the end', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const note = [];
  let at = performance.now() + 50;
  const pump = new Pump(engine(note, () => at), () => undefined, assert.fail);
  pump.post(4);
  assert.equal(pump.timers, 1);
  at = Infinity;
  t.mock.timers.tick(51);
  assert.deepEqual(note, [4, 0]);
  pump.end();
  assert.deepEqual([pump.timers, note.at(-1)], [0, 'free']);
});

test('a trap is told once, the engine is not freed, and nothing enters any more', () => {
  const note = [];
  const traps = [];
  const pump = new Pump(engine(note), () => undefined, (cause) => traps.push(cause.message));
  pump.post(99);
  pump.post(1);
  pump.end();
  assert.deepEqual([traps, note, pump.report(0)], [['unreachable'], [99], undefined]);
});

test('an output may end the pump', () => {
  const note = [];
  const pump = new Pump(engine(note), () => { pump.end(); }, assert.fail);
  pump.post(1);
  pump.post(2);
  assert.deepEqual(note, [1, 'free']);
});

test('what a deed throws is reported and is no trap: the engine goes on', (t) => {
  const note = [];
  const told = [];
  globalThis.reportError = (error) => told.push(error.message);
  t.after(() => { delete globalThis.reportError; });
  const pump = new Pump(engine(note), () => { throw new Error('the page’s own loader'); }, assert.fail);
  pump.post(1);
  pump.post(2);
  assert.deepEqual([note, told], [[1, 2], ['the page’s own loader', 'the page’s own loader']]);
});

test('the hashes for plain-http pages agree with the golden lists', () => {
  const vectors = JSON.parse(repository('protocol/vectors/hash_list.json'));
  const key = Buffer.from(vectors.ed25519, 'hex');
  for (const { name, hex, signature, signed_sha256 } of vectors.valid) {
    // A signature is the last element: two bytes of header and 64 of its own.
    const unsigned = Buffer.from(hex, 'hex').subarray(0, -66);
    const signed = Buffer.concat([Buffer.from('shoal-hash-list-1\0'), unsigned]);
    const proof = Buffer.from(signature, 'hex');
    assert.equal(Buffer.from(fallback.sha256(signed)).toString('hex'), signed_sha256, name);
    assert.equal(fallback.verify(proof, signed, key), true, name);
    proof[0] ^= 1;
    assert.equal(fallback.verify(proof, signed, key), false, name);
  }
  assert.equal(fallback.verify(new Uint8Array(3), new Uint8Array(1), key), false);
});

test('a segment is its handles in order, and none where one is unknown', () => {
  const store = new Store();
  const handles = [[1, 2], [3], [4, 5]].map((bytes) => store.put(Uint8Array.from(bytes)));
  assert.deepEqual([...new Uint8Array(store.concat(handles))], [1, 2, 3, 4, 5]);
  store.release(handles[1]);
  assert.equal(store.concat(handles), undefined);
  assert.equal(store.size, 2);
});

test('Retry-After is read within bounds', () => {
  const rows = [[null, 500], ['', 500], ['2', 2_000], ['0', 0], ['0.3', 300], ['-1', 500], ['1e9', 10_000], ['soon', 500]];
  for (const [header, ms] of rows) assert.equal(retryAfterMs(header), ms, String(header));
});

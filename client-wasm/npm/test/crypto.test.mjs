/** Hashes and signatures: by WebCrypto, by what replaces it, and what becomes of a swarm that cannot have either. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, repository } from './load.mjs';

const { loadCrypto } = await load('internal/crypto.ts');
const { Swarm } = await load('internal/swarm.ts');
const { Emitter } = await load('internal/emitter.ts');
const { Meter } = await load('internal/meter.ts');

const vectors = JSON.parse(repository('protocol/vectors/hash_list.json'));
const KEYS = new Map([[7, Uint8Array.from(Buffer.from(vectors.ed25519, 'hex'))]]);

async function agrees(crypto) {
  for (const { name, hex, signature, signed_sha256 } of vectors.valid) {
    // A signature is the last element: two bytes of header and 64 of its own.
    const signed = Uint8Array.from([...Buffer.from('shoal-hash-list-1\0'), ...Buffer.from(hex, 'hex').subarray(0, -66)]);
    const proof = Uint8Array.from(Buffer.from(signature, 'hex'));
    assert.equal(Buffer.from(await crypto.sha256(signed)).toString('hex'), signed_sha256, name);
    assert.equal(await crypto.verify(7, signed, proof), true, name);
    assert.equal(await crypto.verify(8, signed, proof), false, 'an unknown key signs nothing');
    proof[0] ^= 1;
    assert.equal(await crypto.verify(7, signed, proof), false, name);
  }
}

test('WebCrypto agrees with the golden lists', async () => {
  await agrees(await loadCrypto(KEYS));
});

test('so does what takes the place of an Ed25519 that the browser lacks', async (t) => {
  t.mock.method(crypto.subtle, 'importKey', () => Promise.reject(new DOMException('no Ed25519', 'NotSupportedError')));
  t.mock.method(crypto.subtle, 'verify', assert.fail);
  await agrees(await loadCrypto(KEYS));
});

/** An engine that asks, after its first input, for a signature to be checked; `note` is what it is told. */
function asking(note) {
  const outputs = [[13, 1, 7], [0, Infinity]];
  return {
    input: (_, kind) => {
      note.push(kind);
      if (outputs.length === 0) outputs.push([0, Infinity]);
    },
    poll: () => Float64Array.from(outputs.shift()),
    bytes: () => new Uint8Array(100),
    report: () => new Float64Array(),
    free: () => undefined,
  };
}

const UNHEARD = 3;
const checked = async (verify) => {
  const [note, causes] = [[], []];
  const swarm = new Swarm(asking(note), {
    descriptor: { blockBytes: 4 },
    crypto: { verify, sha256: async () => new Uint8Array(32) },
    trackers: [],
    iceServers: [],
    request: undefined,
    meter: new Meter(),
    events: new Emitter(),
    segmentUrl: () => undefined,
    onTrap: assert.fail,
    onUnchecked: (cause) => causes.push(cause.message),
  });
  swarm.rendition(0);
  for (let turn = 0; turn < UNHEARD; turn += 1) await new Promise((wake) => setImmediate(wake));
  return { note, causes };
};

test('a verdict reaches the engine; that there is none does not, and is told to the session', async () => {
  assert.deepEqual(await checked(async () => false), { note: [5, 13], causes: [] });
  const lost = await checked(() => Promise.reject(new Error('out of memory')));
  assert.deepEqual(lost, { note: [5], causes: ['out of memory'] }, 'nobody is blamed');
});

/** Descriptors: the golden vectors that the Rust reader passes too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, repository } from './load.mjs';

const { parseDescriptor } = await load('internal/descriptor.ts');
const vectors = JSON.parse(repository('protocol/vectors/descriptor.json'));
const AT = 'https://live.example/live/main/shoal.json';
const named = (name) => vectors.valid.find((vector) => vector.name === name).json;

/** What of a descriptor can be compared. */
function plain({ blockUrl, hashesUrl, ...parts }) {
  return { ...parts, keys: [...parts.keys] };
}

test('valid descriptors are read, and their URLs are absolute', () => {
  for (const { name, json } of vectors.valid) {
    const raw = JSON.parse(json);
    const descriptor = parseDescriptor(json, AT);
    assert.equal(descriptor.stream, raw.stream, name);
    assert.equal(Buffer.from(descriptor.swarm).toString('hex'), raw.swarm, name);
    assert.deepEqual(descriptor.trackers, raw.trackers.map((tracker) => new URL(tracker).href), name);
    assert.deepEqual([...descriptor.keys.keys()], raw.keys.map(({ id }) => id), name);
    for (const { id, ed25519 } of raw.keys) {
      assert.equal(Buffer.from(descriptor.keys.get(id)).toString('base64url'), ed25519, name);
    }
    const playlists = raw.renditions.map(({ playlist }) => new URL(playlist, AT).href);
    assert.deepEqual(descriptor.renditions.map(({ playlist }) => playlist), playlists, name);
  }
});

test('keys that a reader does not know are passed over', () => {
  for (const { name, as, json } of vectors.taken_as) {
    assert.deepEqual(plain(parseDescriptor(json, AT)), plain(parseDescriptor(named(as), AT)), name);
  }
});

test('a value that breaks its rule makes the whole descriptor invalid', () => {
  for (const { name, json } of vectors.invalid) {
    assert.throws(() => parseDescriptor(json, AT), { name: 'DescriptorError' }, name);
  }
});

test('templates are filled', () => {
  for (const row of vectors.urls) {
    const segment = Number(row.segment);
    if (!Number.isSafeInteger(segment)) continue; // Past what a playlist of hls.js can say.
    const descriptor = parseDescriptor(named(row.of), AT);
    const absolute = (url) => (url === null ? undefined : new URL(url, AT).href);
    assert.equal(descriptor.blockUrl(row.rendition, segment, row.block), absolute(row.url));
    assert.equal(descriptor.hashesUrl(row.rendition, segment, row.hashes_blocks), absolute(row.hashes_url));
  }
});

/** Frames of the chat edge: the golden vectors that Rust reads too. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, repository } from './load.mjs';

const { CLIENT_FRAME_BYTES_MAX, SERVER_FRAME_BYTES_MAX, decode, encode } = await load('room/wire.ts');
const vectors = JSON.parse(repository('protocol/vectors/chat.json'));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
const hex = (array) => Buffer.from(array).toString('hex');

test('frames are read as their vectors say, and ours are written so', () => {
  assert.equal(vectors.frames.length, 12);
  for (const { name, hex: text, version, operation, sequence, body } of vectors.frames) {
    const [frame, more] = [...decode(bytes(text))];
    assert.deepEqual({ ...frame, body: hex(frame.body) }, { version, operation, sequence, extension: null, body }, name);
    assert.equal(more, undefined);
    if (version === 1) assert.equal(hex(encode(operation, sequence, bytes(body))), text, name);
  }
});

test('extended frames are read as their vectors say', () => {
  assert.equal(vectors.extended.length, 2);
  for (const { name, hex: text, operation, epoch, room_sequence: sequence, class: rank, body } of vectors.extended) {
    const [frame] = [...decode(bytes(text))];
    assert.deepEqual(frame.extension, { epoch, sequence: BigInt(sequence), class: rank }, name);
    assert.deepEqual([frame.operation, hex(frame.body)], [operation, body], name);
  }
});

test('packed frames come one after the other, up to what is none', () => {
  for (const { name, hex: text, operations, fault } of vectors.packed) {
    const found = [];
    let thrown = null;
    try {
      for (const frame of decode(bytes(text))) found.push(frame.operation);
    } catch (error) {
      thrown = error.fault;
    }
    assert.deepEqual([found, thrown], [operations, fault], name);
  }
});

test('what has not wholly arrived is truncated, and what is refused is refused for its reason', () => {
  for (const text of vectors.partial.filter((text) => text !== '')) {
    assert.throws(() => [...decode(bytes(text))], { fault: 'frame_truncated' }, text);
  }
  assert.equal(vectors.refused.length, 11);
  for (const { name, hex: text, fault, extended } of vectors.refused) {
    assert.throws(() => [...decode(bytes(text), { bytesMax: CLIENT_FRAME_BYTES_MAX, extended })], { fault }, name);
  }
});

test('limits are those of the vectors, at them and one past them', () => {
  assert.deepEqual([CLIENT_FRAME_BYTES_MAX, SERVER_FRAME_BYTES_MAX], [vectors.client_frame_bytes_max, vectors.server_frame_bytes_max]);
  const frame = (length) => encode(5, 0, new Uint8Array(length - 16));
  assert.equal([...decode(frame(SERVER_FRAME_BYTES_MAX))].length, 1);
  assert.throws(() => [...decode(frame(SERVER_FRAME_BYTES_MAX + 1))], { fault: 'frame_too_long' });
});

test('no bytes at all end in anything but frames or a fault of ours', () => {
  let state = 7;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) >> 8;
  const whole = bytes(vectors.extended[0].hex);
  for (let round = 0; round < 2_000; round += 1) {
    const broken = Uint8Array.from(whole);
    for (let hit = 0; hit < 1 + (round % 4); hit += 1) broken[next() % broken.length] = next() & 255;
    try {
      for (const { body } of decode(broken.subarray(0, next() % (broken.length + 1)))) assert.ok(body.length <= whole.length);
    } catch (error) {
      assert.ok(typeof error.fault === 'string', String(error));
    }
  }
});

/** Options and attributes: defaults, bad values, and that a bad value never means more than the default. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { optionsOfAttributes, parseOptions } = await load('internal/options.ts');

function parsed(options, mobile = false) {
  const warnings = [];
  return { warnings, settings: parseOptions(options, (warning) => warnings.push(warning), mobile) };
}

test('nothing said is all defaults and no warning', () => {
  const { settings, warnings } = parsed(undefined);
  assert.deepEqual(warnings, []);
  assert.deepEqual([settings.p2p, settings.upload, settings.consent], [true, true, 'not-required']);
  assert.deepEqual([settings.links, settings.cacheBytesMax], [{ aim: 12, max: 16 }, 64_000_000]);
});

test('a phone gets half the links and half the memory', () => {
  const { settings } = parsed({}, true);
  assert.deepEqual([settings.links, settings.cacheBytesMax], [{ aim: 6, max: 8 }, 32_000_000]);
});

test('a bad value warns and falls back', () => {
  const rows = [
    ['p2p', 'no'], ['p2p', 'visible'], ['upload', 0], ['upload', 'hidden'], ['consent', 'yes'], ['iceServers', [{ urls: 'http://x' }]], ['iceServers', {}],
    ['trackers', ['http://x']], ['token', ''], ['token', {}], ['trackers', Array(9).fill('ws://x')], ['links', { aim: 9, max: 8 }],
    ['links', { aim: 0, max: 8 }], ['links', { aim: 1.5, max: 8 }], ['cacheBytesMax', 1], ['cacheBytesMax', NaN],
    ['statsIntervalMs', 1], ['descriptor', ''], ['request', 'x'], ['links', null], ['recorder', {}], ['recorder', null],
    ['catchUpRate', 0.9], ['catchUpRate', 2], ['catchUpRate', '1'],
  ];
  for (const [name, value] of rows) {
    const { settings, warnings } = parsed({ [name]: value });
    assert.equal(warnings.length, 1, `${name} ${String(value)}`);
    assert.deepEqual(settings, parsed({}).settings, name);
  }
});

test('a good value is taken as it is', () => {
  const options = {
    p2p: false, upload: false, consent: 'granted', iceServers: [{ urls: ['stun:a', 'turns:b'] }], descriptor: '/d.json',
    trackers: ['wss://t/'], token: 'a.b.c', links: { aim: 4, max: 4 }, cacheBytesMax: 8_000_000, statsIntervalMs: 100,
    recorder: { tap: (engine) => engine }, catchUpRate: 1,
  };
  const { settings, warnings } = parsed(options);
  assert.deepEqual(warnings, []);
  assert.deepEqual({ ...settings, request: undefined }, { ...options, request: undefined });
});

test('attributes mirror options', () => {
  const rows = [
    [{}, {}],
    [{ p2p: 'off' }, { p2p: false }],
    [{ p2p: 'on', upload: 'off' }, { p2p: true, upload: false }],
    [{ p2p: '' }, { p2p: true }],
    [{ upload: 'visible' }, { upload: 'visible' }],
    [{ consent: 'required', descriptor: 'd.json' }, { consent: 'required', descriptor: 'd.json' }],
    [{ token: 'a.b.c' }, { token: 'a.b.c' }],
    [{ 'ice-servers': '[{"urls":"stun:a"}]' }, { iceServers: [{ urls: 'stun:a' }] }],
  ];
  for (const [attributes, options] of rows) {
    assert.deepEqual(optionsOfAttributes((name) => attributes[name] ?? null, assert.fail), options);
  }
});

test('a bad attribute warns and falls back', () => {
  const warnings = [];
  const attributes = { p2p: 'maybe', 'ice-servers': '{' };
  const options = optionsOfAttributes((name) => attributes[name] ?? null, (warning) => warnings.push(warning));
  assert.equal(warnings.length, 2);
  assert.deepEqual(options, { p2p: true, iceServers: [] });
});

/** What a viewer may choose, how it is kept, and what a file of a stranger may do to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load } from './load.mjs';

const { DEFAULTS, changed } = await load('danmaku/settings.ts');
const { parseExpression } = await load('danmaku/expressions.ts');
const { exported, withFile, hashedPerson } = await load('danmaku/settings-file.ts');
const { lineText, directionOf } = await load('danmaku/text.ts');

const silent = () => undefined;

test('a choice is taken where it is one, and what is none is left as it was and told', () => {
  const rows = [
    [{ opacity: 0.5 }, { opacity: 0.5 }, 0],
    [{ opacity: 0 }, {}, 1],
    [{ opacity: '1' }, {}, 1],
    [{ speed: NaN }, {}, 1],
    [{ on: false, merge: 0 }, { on: false }, 1],
    [{ font: '' }, {}, 1],
    [{ font: 'x'.repeat(201) }, {}, 1],
    [{ toString: 1 }, {}, 1],
    [{ words: ['a', '', 5, 'x'.repeat(65), 'A'] }, { words: ['A'] }, 1],
    [{ words: 'a' }, {}, 1],
    [{ people: [7, { id: 8, name: ' Mei ' }, { id: 7.5 }, { id: 7, name: 'Ada' }] }, { people: [{ id: 7, name: 'Ada' }, { id: 8, name: 'Mei' }] }, 1],
    [{ expressions: ['^a+$', '(', '(a+)+'] }, { expressions: ['^a+$'] }, 1],
    [null, {}, 1],
  ];
  for (const [change, difference, warned] of rows) {
    const said = [];
    assert.deepEqual(changed(DEFAULTS, change, (text) => said.push(text)), { ...DEFAULTS, ...difference }, JSON.stringify(change));
    assert.equal(said.length, warned, JSON.stringify(change));
  }
});

test('lists end at their maximum', () => {
  const words = Array.from({ length: 1_001 }, (_, at) => `w${at}`);
  assert.equal(changed(DEFAULTS, { words }, silent).words.length, 1_000);
  const expressions = Array.from({ length: 51 }, (_, at) => `e${at}`);
  assert.equal(changed(DEFAULTS, { expressions }, silent).expressions.length, 50);
});

test('an expression that could take long is none', () => {
  const quick = ['^lol+$', '(ha|he)?llo', 'a{2,5}b', '[a-z]+\\d*', '(?:wo|we)b', '\\p{Script=Han}{8,}', '(?<year>20\\d\\d)', '加.{0,4}微', 'a|b|c|d', '[(a+)+]', '\\(a+\\)', '(?!no).+'];
  const slow = ['(a+)+$', '(a|a)*$', '(a?)*', '((a))+(.)\\3', 'a*a*a*a*b', '(.*)*', '(a|b|c){2,9}', '(?:a{1,9}){1,9}', 'a?'.repeat(40), '(a|aa){40}', '(?<x>a)\\k<x>', ''];
  for (const source of quick) assert.ok(parseExpression(source) !== null, source);
  for (const source of slow) assert.equal(parseExpression(source), null, source);
});

test('what is exported is what is taken over, and lists only grow', () => {
  const mine = changed(DEFAULTS, { words: ['mine'], people: [1], speed: 2 }, silent);
  const theirs = changed(DEFAULTS, { words: ['theirs', 'MINE'], opacity: 0.5, expressions: ['x+'] }, silent);
  const both = withFile(mine, exported(theirs), silent);
  assert.deepEqual(both, { ...theirs, words: ['MINE', 'theirs'], people: [{ id: 1, name: '' }] });
  assert.deepEqual(withFile(DEFAULTS, exported(mine), silent), mine);
});

test('a list of Bilibili’s players is taken over', () => {
  const list = [
    { type: 0, filter: 'spoiler', opened: true }, { type: 0, filter: 'off', opened: false },
    { type: 1, filter: '/^\\d+$/' }, { type: 2, filter: 'cbf43926' }, { type: 3, filter: 'x' }, 'y',
  ];
  const { words, expressions, people } = withFile(DEFAULTS, JSON.stringify(list), silent);
  assert.deepEqual([words, expressions, people], [['spoiler'], ['^\\d+$'], [{ id: hashedPerson('cbf43926'), name: '' }]]);
});

test('a file that is none of settings is refused with its reason', () => {
  const rows = [['', 'malformed'], ['7', 'malformed'], ['[]', 'malformed'], ['{}', 'malformed'], ['{"shoal_comments":2,"settings":{}}', 'version'], ['x'.repeat(1_000_001), 'too_large']];
  for (const [file, code] of rows) assert.throws(() => withFile(DEFAULTS, file, silent), { name: 'SettingsFileError', code }, file.slice(0, 40));
  const polluted = withFile(DEFAULTS, '{"shoal_comments":1,"settings":{"__proto__":{"x":1},"constructor":1}}', silent);
  assert.deepEqual(polluted, DEFAULTS);
  assert.equal({}.x, undefined);
});

test('a line is one row, cut between characters, and turns nobody’s direction', () => {
  assert.equal(lineText(' a\n\tb\u202Ec\u2066d\u0000 '), 'a bcd');
  assert.equal(lineText('x'.repeat(250)).length, 200);
  const family = '👩‍👩‍👧‍👦';
  const cut = lineText(`x${family.repeat(40)}`);
  assert.equal((cut.length - 1) % family.length, 0);
  for (const [text, direction] of [['abc שלום', 'ltr'], ['שלום abc', 'rtl'], ['1. مرحبا', 'rtl'], ['🎉', 'ltr'], ['', 'ltr']]) {
    assert.equal(directionOf(text), direction, text);
  }
});

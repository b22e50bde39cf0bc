/** Files of comments: both formats, and what hostile or broken ones hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load, repository } from './load.mjs';

const { parseReplay, ReplayError } = await load('danmaku/replay/index.ts');
const { LINES_MAX } = await load('danmaku/replay/file.ts');

const xml = (...lines) => `<?xml version="1.0" encoding="UTF-8"?>\n<i><chatid>1</chatid>${lines.join('\n')}</i>`;
const d = (p, text) => `<d p="${p}">${text}</d>`;

test('lines of Bilibili’s XML have their moment, kind, colour, person and name', () => {
  const file = xml(
    d('12.5,5,25,16711680,1700000000,0,cbf43926,77', 'top &lt;3 &amp; &#x1F41F;&#38;'),
    d('1.25,1,25,16777215,1700000000,0,b,78,10', 'first'),
    d('2,4,25,255,1700000000,0,,', 'below'),
  );
  const { format, lines, refused } = parseReplay(file);
  assert.equal(format, 'bilibili-xml');
  assert.deepEqual(refused, { malformed: 0, unsupported: 0, excess: 0 });
  assert.deepEqual(lines.map(({ atMs, line }) => [atMs, line.text, line.kind, line.color, line.id]), [
    [1_250, 'first', 'scroll', '#ffffff', '78'],
    [2_000, 'below', 'bottom', '#0000ff', undefined],
    [12_500, 'top <3 & 🐟&', 'top', '#ff0000', '77'],
  ]);
  assert.equal(lines[2].line.person, 2 ** 52 + 0xcbf43926);
});

test('what is no line, or one that a script places, is counted and not shown', () => {
  const rows = [
    [d('x,1,25,255,0,0,a,1', 'no moment'), 'malformed'],
    [d('-1,1,25,255,0,0,a,1', 'before the begin'), 'malformed'],
    [d('1e99,1,25,255,0,0,a,1', 'after every end'), 'malformed'],
    [d(',1,25,255,0,0,a,1', 'nothing'), 'malformed'],
    [d('1,1,25,255,0,0,a,1', '  '), 'malformed'],
    [d('1,1,25,255,0,0,a,1', '<b>bold</b>'), 'malformed'],
    [d('1,2000,25,255,0,0,a,1', 'no mode'), 'malformed'],
    ['<d>no p</d>', null],
    ['<d q="1">no p</d>', 'malformed'],
    ['<d p="1,1,25,255,0,0,a,1"/>', 'malformed'],
    [d('1,7,25,255,0,0,a,1', '[0,0,"1-1",4.5,"placed",0,0]'), 'unsupported'],
    [d('1,8,25,255,0,0,a,1', 'alert(1)'), 'unsupported'],
  ];
  for (const [line, reason] of rows) {
    const { lines, refused } = parseReplay(xml(line, d('5,1,25,255,0,0,a,2', 'good')));
    assert.deepEqual(lines.map((one) => one.line.text), ['good'], line);
    const wanted = { malformed: 0, unsupported: 0, excess: 0 };
    if (reason !== null) wanted[reason] = 1;
    assert.deepEqual(refused, wanted, line);
  }
});

test('characters that XML forbids, CDATA and entities of a stranger’s own do no harm', () => {
  const bomb = `<?xml version="1.0"?><!DOCTYPE i [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>${xml(d('1,1,25,255,0,0,a,1', '&b;\u0001x'))}`;
  assert.deepEqual(parseReplay(bomb).lines.map(({ line }) => line.text), ['&b;\u0001x']);
  const raw = parseReplay(xml(d('1,1,25,255,0,0,a,1', '<![CDATA[<script>alert(1)</script>]]>')));
  assert.deepEqual(raw.lines.map(({ line }) => line.text), ['<script>alert(1)</script>']);
  assert.deepEqual(parseReplay(xml(d('1,1,25,999999999,0,0,a,1', '&#9999999;colour'))).lines[0].line.color, '#ffffff');
});

test('a file that ends in the middle of a line, or lacks an end, loses that line only', () => {
  const whole = xml(d('1,1,25,255,0,0,a,1', 'one'), d('2,1,25,255,0,0,a,2', 'two'));
  for (let length = 60; length < whole.length; length += 1) {
    assert.ok(parseReplay(whole.slice(0, length)).lines.length <= 2);
  }
  const lacking = xml('<d p="1,1,25,255,0,0,a,1">lost', d('2,1,25,255,0,0,a,2', 'kept'));
  assert.deepEqual(parseReplay(lacking).lines.map(({ line }) => line.text), ['kept']);
});

test('files made to be slow are read all the same', () => {
  const rows = ['<d '.repeat(300_000), '<d p="1">'.repeat(300_000), `<d ${' '.repeat(2_000_000)}`, `<d p="${'1,'.repeat(900_000)}">x</d>`];
  for (const hostile of rows) assert.equal(parseReplay(`<i>${hostile}</i>`).lines.length, 0);
});

test('our own export is read, whatever is missing from a line', () => {
  const comments = [
    { time_ms: 2_250, id: '9', user: '7', name: 'Mei', text: 'second', mode: 'top', color: 255 },
    { time_ms: 0, id: '0', user: '0', text: 'first' },
    { time_ms: 'soon', text: 'x' }, null, 7, { time_ms: 5 },
  ];
  const { format, lines, refused } = parseReplay(`\uFEFF${JSON.stringify({ version: 1, room: 'live://1', start_ms: 4_000, comments })}`);
  assert.equal(format, 'shoal-json');
  assert.deepEqual(refused, { malformed: 4, unsupported: 0, excess: 0 });
  assert.deepEqual(lines, [
    { atMs: 0, line: { kind: 'scroll', color: '#ffffff', text: 'first' } },
    { atMs: 2_250, line: { kind: 'top', color: '#0000ff', id: '9', person: 7, name: 'Mei', text: 'second' } },
  ]);
});

test('a file that is none of comments is refused with its reason', () => {
  const rows = [
    ['', 'format'], ['hello', 'format'], ['<html><body></body></html>', 'format'], ['{', 'malformed'], ['{}', 'format'],
    [JSON.stringify({ version: 2, comments: [] }), 'version'],
  ];
  for (const [file, code] of rows) {
    assert.throws(() => parseReplay(file), (error) => error.name === ReplayError.name && error.code === code, file);
  }
});

test('lines beyond the most are counted and left out', () => {
  const many = Array.from({ length: LINES_MAX + 1 }, (_, at) => ({ time_ms: at, text: 'x' }));
  const { lines, refused } = parseReplay(JSON.stringify({ version: 1, comments: many }));
  assert.deepEqual([lines.length, refused.excess], [LINES_MAX, 1]);
});

test('what the chat edge writes is what is read', () => {
  const source = repository('chat-edge/src/comment/export.rs');
  for (const name of ['"time_ms"', '"text"', '"mode"', '"color"', '"id"', '"user"', '"name"']) assert.ok(source.includes(name), name);
  assert.ok(source.includes('\\"version\\":1'));
});

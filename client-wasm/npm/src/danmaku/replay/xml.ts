/**
 * Bilibili's XML: `<d p="second,mode,size,color,unix,pool,hash,id">text</d>`.
 *
 * Scanned, not parsed: recordings hold characters that XML forbids, which a parser must refuse whole, and entities of a
 * stranger's own are not looked up. One pass: the cursor only moves on.
 */

import { hashedPerson } from '../settings-file.js';
import type { LineKind } from '../types.js';
import { ReplayError } from './error.js';
import { type Found, colorOf, nameOf } from './file.js';

/** By mode: 1, 2, 3 and 6 cross the picture (6 the other way round), 4 stands below, 5 above. */
const KINDS: Readonly<Record<string, LineKind>> = { 1: 'scroll', 2: 'scroll', 3: 'scroll', 6: 'scroll', 4: 'bottom', 5: 'top' };
/** Placed lines, scripts, and lines of Bilibili's own language. */
const SCRIPTED = ['7', '8', '9'];
/** Characters of a tag, its attributes included. */
const TAG_CHARS_MAX = 1_000;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const CODE_POINT_MAX = 0x10_ffff;

export function* readXml(file: string): Generator<Found> {
  if (!/<[id][\s>/]/u.test(file)) throw new ReplayError('format', 'The XML has no comments in it.');
  let at = 0;
  for (;;) {
    const open = file.indexOf('<d ', at);
    if (open < 0) return;
    const tag = file.slice(open, open + TAG_CHARS_MAX);
    // No tag holds another's begin: so the search is short, whatever the file is made of.
    const end = tag.slice(1).search(/[<>]/u) + 1;
    const length = tag.charAt(end) === '>' ? end + 1 : 0;
    const close = length === 0 ? -1 : file.indexOf('</d>', open + length);
    if (close < 0) {
      // A file that ends in the middle of a line, as recorders leave them; or a tag that never ends.
      yield 'malformed';
      if (length !== 0) return;
      at = open + 3;
      continue;
    }
    at = close + 4;
    const begin = file.lastIndexOf('<d ', close);
    // Where a line lacks its end, the next one has begun before it.
    if (begin !== open) {
      yield 'malformed';
      at = begin;
      continue;
    }
    yield tag.charAt(length - 2) === '/' ? 'malformed' : line(tag.slice(0, length), file.slice(open + length, close));
  }
}

function line(tag: string, content: string): Found {
  const fields = /\sp\s*=\s*(?:"([^"]*)"|'([^']*)')/u.exec(tag);
  const [second = '', mode = '', , color = '', , , hash = '', id = ''] = (fields?.[1] ?? fields?.[2] ?? '').split(',');
  if (SCRIPTED.includes(mode)) return 'unsupported';
  const kind = KINDS[mode];
  const text = textOf(content);
  if (kind === undefined || second.trim() === '' || text === null) return 'malformed';
  const [person, user] = [hashedPerson(hash), /\suser\s*=\s*"([^"]*)"/u.exec(tag)?.[1]];
  const name = nameOf(user === undefined ? undefined : unescaped(user));
  return {
    atMs: Number(second) * 1_000,
    text,
    look: {
      kind,
      color: colorOf(color === '' ? NaN : Number(color)),
      ...(id === '' ? {} : { id: id.slice(0, 64) }),
      ...(person === null ? {} : { person }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

/** The text of an element; `null` where there are elements in it. */
function textOf(content: string): string | null {
  const raw = /^\s*<!\[CDATA\[(.*)\]\]>\s*$/su.exec(content)?.[1];
  if (raw !== undefined) return raw;
  return content.includes('<') ? null : unescaped(content);
}

function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w{1,8}));/giu, (all, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
    return code <= CODE_POINT_MAX ? String.fromCodePoint(code) : '';
  });
}

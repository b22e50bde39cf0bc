/** Reads a file of comments, whichever of the two it is. Files are strangers': every number and text in them is doubted. */

import type { Line } from '../types.js';
import { ReplayError } from './error.js';
import { readJson } from './json.js';
import type { Replay, ReplayLine } from './types.js';
import { readXml } from './xml.js';

/** Bytes of a file: a day of a busy room. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Lines of one: what is beyond is counted. */
export const LINES_MAX = 100_000;
/** The latest moment: 30 days. */
const AT_MS_MAX = 30 * 24 * 3_600_000;
/** Characters of a text that are kept; the painter cuts it further. */
const TEXT_CHARS_MAX = 1_000;
const NAME_CHARS_MAX = 64;

/** What a reader found for one line: the line, or what was wrong with it. */
export type Found =
  | { readonly atMs: number; readonly text: string; readonly look: Omit<Line, 'text'> }
  | 'malformed'
  | 'unsupported';

/** Reads a file's text; throws a {@link ReplayError} where it is none. */
export function parseReplay(file: string): Replay {
  if (file.length > FILE_BYTES_MAX) throw new ReplayError('too_large', `A file of comments has ${String(FILE_BYTES_MAX)} bytes at most.`);
  const text = file.replace(/^\uFEFF/u, '');
  switch (/\S/u.exec(text)?.[0]) {
    case '<':
      return collected('bilibili-xml', readXml(text));
    case '{':
      return collected('shoal-json', readJson(text));
    default:
      throw new ReplayError('format', 'The file is neither XML nor JSON of comments.');
  }
}

function collected(format: Replay['format'], found: Iterable<Found>): Replay {
  const lines: ReplayLine[] = [];
  const refused = { malformed: 0, unsupported: 0, excess: 0 };
  for (const one of found) {
    if (typeof one === 'string') refused[one] += 1;
    else if (!isMoment(one.atMs) || one.text.trim() === '') refused.malformed += 1;
    else if (lines.length >= LINES_MAX) refused.excess += 1;
    else lines.push({ atMs: one.atMs, line: { ...one.look, text: one.text.slice(0, TEXT_CHARS_MAX) } });
  }
  lines.sort((one, other) => one.atMs - other.atMs);
  return { format, lines, refused };
}

function isMoment(atMs: number): boolean {
  return Number.isFinite(atMs) && atMs >= 0 && atMs <= AT_MS_MAX;
}

/** A colour's number, as both formats have it; white where it is none. */
export function colorOf(value: number): string {
  return Number.isInteger(value) && value >= 0 && value <= 0xff_ffff ? `#${value.toString(16).padStart(6, '0')}` : '#ffffff';
}

/** The text, if it is one and not longer than names are. */
export function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, NAME_CHARS_MAX) : undefined;
}

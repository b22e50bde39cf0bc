/**
 * Choices as a file: `{"shoal_comments": 1, "settings": {…}}`. Read are also lists of what is blocked as Bilibili's players
 * write them: JSON `[{"type": 0, "filter": "word"}, …]`, types 0 word, 1 expression, 2 person.
 */

import { changed } from './settings.js';
import type { Settings } from './types.js';

/** Characters of a file. */
const FILE_CHARS_MAX = 1_000_000;
const VERSION = 1;

/** The file is none of choices. */
export class SettingsFileError extends Error {
  override readonly name = 'SettingsFileError';
  readonly code: 'too_large' | 'malformed' | 'version';

  constructor(code: SettingsFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function exported(settings: Settings): string {
  return `${JSON.stringify({ shoal_comments: VERSION, settings }, null, 2)}\n`;
}

/** The settings with what the file says: lists grow, everything else is replaced. */
export function withFile(before: Settings, file: string, warn: (text: string) => void): Settings {
  if (file.length > FILE_CHARS_MAX) throw new SettingsFileError('too_large', 'The file is too large to be one of settings.');
  let content: unknown;
  try {
    content = JSON.parse(file.replace(/^\uFEFF/u, ''));
  } catch (cause) {
    throw new SettingsFileError('malformed', 'The file is no JSON.', { cause });
  }
  const change = Array.isArray(content) ? foreign(content) : ours(content);
  return changed(before, grown(before, change), warn);
}

function ours(content: unknown): object {
  const { shoal_comments: version, settings } = (content ?? {}) as { shoal_comments?: unknown; settings?: unknown };
  if (typeof settings !== 'object' || settings === null) throw new SettingsFileError('malformed', 'The file has no settings in it.');
  if (version !== VERSION) throw new SettingsFileError('version', `The file is of version ${String(version)}; this page reads ${String(VERSION)}.`);
  return settings;
}

function foreign(content: readonly unknown[]): object {
  const of = (type: number): unknown[] => content
    .filter((item): item is { type: number; filter: unknown; opened?: unknown } => typeof item === 'object' && item !== null && (item as { type?: unknown }).type === type)
    .filter(({ opened }) => opened !== false)
    .map(({ filter }) => filter);
  const expressions = of(1).map((filter) => (typeof filter === 'string' ? filter.replace(/^\/(.*)\/$/su, '$1') : filter));
  // People in such lists are hashes, in hexadecimal, as in Bilibili's recordings.
  const people = of(2).map((filter) => (typeof filter === 'string' ? hashedPerson(filter) : filter));
  const found = { words: of(0), expressions, people };
  if (Object.values(found).every(({ length }) => length === 0)) throw new SettingsFileError('malformed', 'The file has no blocked words or people in it.');
  return found;
}

function grown(before: Settings, change: object): object {
  const both = (name: 'words' | 'people' | 'expressions'): object => {
    const more = (change as Record<string, unknown>)[name];
    return Array.isArray(more) ? { [name]: [...before[name], ...(more as unknown[])] } : {};
  };
  return { ...change, ...both('words'), ...both('people'), ...both('expressions') };
}

/** Above every number of a user, so that nobody is taken for somebody else. */
const HASHED_FROM = 2 ** 52;

/** The number for a person of whom only the hash is known: CRC-32 of the user's digits, in hexadecimal. `null`: no hash. */
export function hashedPerson(hash: string): number | null {
  return /^[0-9a-f]{1,8}$/iu.test(hash) ? HASHED_FROM + parseInt(hash, 16) : null;
}

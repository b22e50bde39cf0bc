/** The viewer's choices: what they may be, and how they are kept. */

import { EXPRESSION_CHARS_MAX, parseExpression } from './expressions.js';
import type { Person, Settings } from './types.js';

/** Expressions at most: a viewer writes them, and every line is held against each. */
const EXPRESSIONS_MAX = 50;
/** `danmaku::limits`: words and people at most, and characters of a word. */
const BLOCKED_MAX = 1_000;
const WORD_CHARS_MAX = 64;
const NAME_CHARS_MAX = 64;
const FONT_CHARS_MAX = 200;

export const DEFAULTS: Settings = {
  on: true,
  opacity: 1,
  speed: 1,
  area: 0.5,
  size: 1,
  density: 300,
  scroll: true,
  top: true,
  bottom: true,
  paid: true,
  colors: true,
  merge: true,
  font: 'system-ui, sans-serif',
  words: [],
  people: [],
  expressions: [],
};

/** From and to, both of them. */
export const RANGES = {
  opacity: [0.1, 1],
  speed: [0.25, 4],
  area: [0.1, 1],
  size: [0.25, 2.5],
  density: [1, 1_000],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>;

/** What a list holds: how many, how one is read (`null` where it is none), and what one is, in words. */
interface List {
  readonly most: number;
  readonly read: (value: unknown) => unknown;
  readonly name: (value: never) => unknown;
  readonly words: string;
}

export const LISTS: Readonly<Record<'words' | 'people' | 'expressions', List>> = {
  words: {
    most: BLOCKED_MAX,
    read: (value) => (isText(value, WORD_CHARS_MAX) ? value.trim() : null),
    name: (value: string) => value.toLowerCase(),
    words: `a word of 1 to ${String(WORD_CHARS_MAX)} characters`,
  },
  people: {
    most: BLOCKED_MAX,
    read: person,
    name: (value: Person) => value.id,
    words: "a person's number",
  },
  expressions: {
    most: EXPRESSIONS_MAX,
    read: (value) => parseExpression(value)?.source ?? null,
    name: (value: string) => value,
    words: `a regular expression of 1 to ${String(EXPRESSION_CHARS_MAX)} characters that is quick on every line`,
  },
};

/** `before`, changed as far as `change` makes sense; `warn` is told what does not. */
export function changed(before: Settings, change: unknown, warn: (text: string) => void): Settings {
  if (typeof change !== 'object' || change === null) {
    warn('the settings are no object');
    return before;
  }
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    const say = (text: string): void => { warn(`settings.${name}: ${text}`); };
    if (!Object.hasOwn(DEFAULTS, name)) say('there is no such setting');
    else if (Object.hasOwn(LISTS, name)) after[name] = list(LISTS[name as keyof typeof LISTS], before[name as keyof Settings], value, say);
    else after[name] = one(name as keyof Settings, before[name as keyof Settings], value, say);
  }
  return after as unknown as Settings;
}

/** Each once, as many as there may be; what is none is left out. */
function list(kind: List, before: unknown, value: unknown, say: (text: string) => void): unknown {
  if (!Array.isArray(value)) {
    say('a list');
    return before;
  }
  const kept = new Map<unknown, unknown>();
  let wrong = 0;
  for (const item of value.slice(0, 2 * BLOCKED_MAX)) {
    const read = kind.read(item);
    if (read === null) wrong += 1;
    else if (kept.size < kind.most || kept.has(kind.name(read as never))) kept.set(kind.name(read as never), read);
  }
  if (wrong > 0) say(`${String(wrong)} left out; ${kind.words} each`);
  if (value.length - wrong > kind.most) say(`at most ${String(kind.most)}`);
  return [...kept.values()];
}

function one(key: keyof Settings, before: unknown, value: unknown, say: (text: string) => void): unknown {
  if (key in RANGES) {
    const [from, to] = RANGES[key as keyof typeof RANGES];
    if (typeof value === 'number' && value >= from && value <= to) return value;
    say(`a number from ${String(from)} to ${String(to)}`);
    return before;
  }
  if (key === 'font' ? isText(value, FONT_CHARS_MAX) : typeof value === 'boolean') return value;
  say(key === 'font' ? `a font family of 1 to ${String(FONT_CHARS_MAX)} characters` : 'a boolean');
  return before;
}

function person(value: unknown): Person | null {
  const { id, name }: { id?: unknown; name?: unknown } = typeof value === 'object' && value !== null ? value : { id: value };
  if (!Number.isSafeInteger(id)) return null;
  return { id: id as number, name: isText(name, NAME_CHARS_MAX) ? name.trim() : '' };
}

function isText(value: unknown, charsMax: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= charsMax;
}

/** Reads what was kept under a name; a page without storage, or with something else there, has the defaults. */
export function keptSettings(name: string, warn: (text: string) => void): Settings {
  try {
    const text = localStorage.getItem(name);
    return text === null ? DEFAULTS : changed(DEFAULTS, JSON.parse(text), warn);
  } catch {
    return DEFAULTS;
  }
}

/** Keeps the choices for the next visit, where the page may. */
export function keepSettings(name: string, settings: Settings): void {
  try {
    localStorage.setItem(name, JSON.stringify(settings));
  } catch {
    // Storage is full or forbidden: the choices last as long as the page.
  }
}

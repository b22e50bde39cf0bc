/** The viewer's choices: what they may be, and how they are kept. */

import type { Settings } from './types.js';

/** Expressions at most, and characters of one: a viewer writes them, and every line is held against each. */
const EXPRESSIONS_MAX = 50;
const EXPRESSION_CHARS_MAX = 200;
/** `danmaku::limits`: words and people at most, and characters of a word. */
const BLOCKED_MAX = 1_000;
const WORD_CHARS_MAX = 64;

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
const RANGES: Partial<Record<keyof Settings, readonly [number, number]>> = {
  opacity: [0.1, 1],
  speed: [0.25, 4],
  area: [0.1, 1],
  size: [0.5, 2.5],
  density: [1, 1_000],
};

/** `before`, changed as far as `change` makes sense; `warn` is told what does not. */
export function changed(before: Settings, change: unknown, warn: (text: string) => void): Settings {
  if (typeof change !== 'object' || change === null) {
    warn('the settings are no object');
    return before;
  }
  const after: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(change)) {
    const wrong = wrongWith(name, value);
    if (wrong === null) after[name] = Array.isArray(value) ? value.slice(0, most(name)) : value;
    else warn(`settings.${name}: ${wrong}`);
  }
  return after as unknown as Settings;
}

function most(name: string): number {
  return name === 'expressions' ? EXPRESSIONS_MAX : BLOCKED_MAX;
}

/** What is wrong with a value; `null` where it is a choice. */
function wrongWith(name: string, value: unknown): string | null {
  if (!(name in DEFAULTS)) return 'there is no such setting';
  const key = name as keyof Settings;
  const range = RANGES[key];
  if (range !== undefined) {
    const within = typeof value === 'number' && value >= range[0] && value <= range[1];
    return within ? null : `a number from ${String(range[0])} to ${String(range[1])}`;
  }
  if (key === 'people') return isListOf(value, (one) => Number.isSafeInteger(one)) ? null : 'a list of numbers';
  if (key === 'words') return isListOf(value, (one) => isText(one, WORD_CHARS_MAX)) ? null : `a list of words of 1 to ${String(WORD_CHARS_MAX)} characters`;
  if (key === 'expressions') return isListOf(value, isExpression) ? null : 'a list of regular expressions';
  return typeof value === typeof DEFAULTS[key] ? null : `a ${typeof DEFAULTS[key]}`;
}

function isListOf(value: unknown, is: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isText(value: unknown, charsMax: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= charsMax;
}

function isExpression(value: unknown): boolean {
  if (!isText(value, EXPRESSION_CHARS_MAX)) return false;
  try {
    new RegExp(value, 'iu');
    return true;
  } catch {
    return false;
  }
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

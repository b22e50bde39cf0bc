/** Our own export (`docs/spec/chat-api.md`): everything that the room knew of a line. */

import type { LineKind } from '../types.js';
import { ReplayError } from './error.js';
import { type Found, colorOf, nameOf } from './file.js';

/** Versions that are read. */
const VERSION = 1;
const KINDS: readonly LineKind[] = ['scroll', 'top', 'bottom'];

export function* readJson(file: string): Generator<Found> {
  let content: { readonly version?: unknown; readonly comments?: unknown } | null;
  try {
    content = JSON.parse(file) as typeof content;
  } catch (cause) {
    throw new ReplayError('malformed', 'The file is no JSON.', { cause });
  }
  if (!Array.isArray(content?.comments)) throw new ReplayError('format', 'The JSON has no comments in it.');
  if (content.version !== VERSION) {
    throw new ReplayError('version', `The file is of version ${String(content.version)}; version ${String(VERSION)} is read.`);
  }
  for (const comment of content.comments as unknown[]) yield line(comment);
}

function line(comment: unknown): Found {
  if (typeof comment !== 'object' || comment === null) return 'malformed';
  const { time_ms: atMs, text, mode, color, id, user, name } = comment as Readonly<Record<string, unknown>>;
  if (typeof atMs !== 'number' || typeof text !== 'string') return 'malformed';
  const kind = KINDS.find((one) => one === mode) ?? 'scroll';
  const person = typeof user === 'string' || typeof user === 'number' ? Number(user) : NaN;
  const who = nameOf(name);
  return {
    atMs,
    text,
    look: {
      kind,
      color: colorOf(typeof color === 'number' ? color : NaN),
      // Lines that nobody named are all called 0.
      ...(typeof id === 'string' && id !== '' && id !== '0' ? { id: id.slice(0, 64) } : {}),
      ...(Number.isSafeInteger(person) && person > 0 ? { person } : {}),
      ...(who === undefined ? {} : { name: who }),
    },
  };
}

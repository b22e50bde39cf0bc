/** One row of the list: what it says, and where it stands with the room. */

import type { OwnLine, RoomLine, RoomMessage } from '../room/types.js';
import { inWords } from './refusals.js';

/** A line as the list and its menu know it. */
export interface Entry {
  /** The room's name for it; `null` where it has none, or none yet. */
  readonly id: string | null;
  /** The page's name for a line of the viewer's own. */
  readonly key: string | null;
  readonly text: string;
  readonly person: number;
  readonly name: string;
  readonly moderator: boolean;
  readonly own: boolean;
  readonly mentions: boolean;
  readonly paid: boolean;
  readonly past: boolean;
  readonly atMs: number;
  readonly state: State;
}

export type State =
  | { readonly is: 'said' }
  | { readonly is: 'sending' }
  /** A moderator looks at it first. */
  | { readonly is: 'held' }
  | { readonly is: 'refused'; readonly why: string };

const SAID: State = { is: 'said' };

export function entryOfLine(line: RoomLine): Entry {
  const { id, key, text, person, name, moderator, own, mentions, past, atMs } = line;
  return { id: id === '' ? null : id, key, text, person, name, moderator, own, mentions, past, atMs, paid: line.class === 'paid', state: SAID };
}

/** A line of the viewer's on its way. That others do not see it, a viewer is not told. */
export function entryOfOwn(line: OwnLine, me: { readonly person: number; readonly name: string; readonly moderator: boolean }): Entry {
  const { id, key, text, state, held, refusal } = line;
  const where: State = refusal !== null ? { is: 'refused', why: inWords(refusal) }
    : state === 'sending' ? { is: 'sending' } : held ? { is: 'held' } : SAID;
  return { ...me, id, key, text, own: true, mentions: false, paid: false, past: false, atMs: Date.now(), state: where };
}

/** Gifts and paid lines among the room's other messages, in the shape of Bilibili's; `null` for everything else. */
export function entryOfMessage({ command, body, past }: RoomMessage): Entry | null {
  const data = record(body['data']);
  const name = word(data['uname']) ?? word(record(data['user_info'])['uname']) ?? '';
  const person = typeof data['uid'] === 'number' && Number.isSafeInteger(data['uid']) ? data['uid'] : 0;
  const text = command === 'SEND_GIFT' ? gift(data) : command.startsWith('SUPER_CHAT_MESSAGE') ? word(data['message']) : null;
  if (text === null) return null;
  return { id: null, key: null, text, person, name, moderator: false, own: false, mentions: false, paid: true, past, atMs: Date.now(), state: SAID };
}

function gift(data: Readonly<Record<string, unknown>>): string | null {
  const what = word(data['giftName']);
  if (what === null) return null;
  const count = typeof data['num'] === 'number' && data['num'] > 1 ? ` ×${String(Math.floor(data['num']))}` : '';
  return `${word(data['action']) ?? 'sends'} ${what}${count}`;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? value as Record<string, unknown> : {};
}

function word(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1_000) : null;
}

/** Bodies of a room's messages, and comments of the chat API, as what a page is told. Whatever has another shape is `null`. */

import type { LineClass, LineKind } from '../danmaku/types.js';
import type { RoomLine, RoomSettings } from './types.js';

/** A line as the room says it: what does not depend on who reads it. */
export type Said = Omit<RoomLine, 'epoch' | 'sequence' | 'own' | 'mentions' | 'past' | 'key'>;

export type Meaning =
  | { readonly is: 'line'; readonly said: Said }
  | { readonly is: 'recall'; readonly id: string }
  | { readonly is: 'settings'; readonly settings: RoomSettings }
  | { readonly is: 'message'; readonly command: string; readonly body: Record<string, unknown> };

export const CLASSES: readonly LineClass[] = ['control', 'paid', 'own', 'chat', 'ambient'];
/** How Bilibili's clients count the ways across the picture; what they do not know scrolls. */
const KINDS: Readonly<Record<number, LineKind>> = { 4: 'bottom', 5: 'top' };
const COLOR_WHITE = 0xff_ffff;
/** Nobody reads more of a line. */
const TEXT_CHARS_MAX = 1_000;

/** What a body means; `null` where it is no event. */
export function meaning(body: Uint8Array, rank: LineClass): Meaning | null {
  const event = parsed(new TextDecoder().decode(body));
  const command = event?.['cmd'];
  if (event === null || typeof command !== 'string') return null;
  switch (command.split(':')[0]) {
    case 'DANMU_MSG': {
      const said = saidBy(event['info'], rank);
      return said === null ? null : { is: 'line', said };
    }
    case 'RECALL_DANMU_MSG': {
      const id = text(field(event['data'], 'id_str')) || String(field(event['data'], 'target_id') ?? '');
      return id === '' ? null : { is: 'recall', id };
    }
    case 'SHOAL_ROOM_SETTINGS':
      return { is: 'settings', settings: settingsOf(event['data']) };
    default:
      return { is: 'message', command, body: event };
  }
}

/** `info` of an event, in Bilibili's places. */
function saidBy(info: unknown, rank: LineClass): Said | null {
  const [head, who] = [field(info, 0), field(info, 2)];
  const words = field(info, 1);
  if (typeof words !== 'string') return null;
  const extra = parsed(text(field(field(head, 15), 'extra')));
  return {
    id: text(extra?.['id_str']),
    text: words.slice(0, TEXT_CHARS_MAX),
    person: count(field(who, 0)),
    name: text(field(who, 1)),
    level: count(field(field(info, 4), 0)),
    moderator: field(who, 2) === 1,
    kind: rank === 'paid' ? 'paid' : KINDS[count(field(head, 1))] ?? 'scroll',
    class: rank,
    color: cssColor(field(head, 3)),
    atMs: count(field(head, 4)),
  };
}

/** A comment of the chat API with its place; `null` where it is none. */
export function commentOf(value: unknown): { readonly said: Said; readonly epoch: number; readonly sequence: number } | null {
  const words = field(value, 'text');
  if (typeof words !== 'string') return null;
  const mode = field(value, 'mode');
  const id = text(field(value, 'id'));
  const said: Said = {
    id: id === '0' ? '' : id,
    text: words.slice(0, TEXT_CHARS_MAX),
    person: count(Number(field(value, 'user'))),
    name: text(field(value, 'name')),
    level: count(field(value, 'level')),
    moderator: field(value, 'moderator') === true,
    kind: mode === 'top' || mode === 'bottom' ? mode : 'scroll',
    class: 'chat',
    color: cssColor(field(value, 'color')),
    atMs: count(field(value, 'at_ms')),
  };
  return { said, epoch: count(field(value, 'epoch')), sequence: count(field(value, 'sequence')) };
}

export function settingsOf(data: unknown): RoomSettings {
  const followers = field(data, 'followers_s');
  return {
    slowSeconds: count(field(data, 'slow_s')),
    followersSeconds: typeof followers === 'number' ? count(followers) : null,
    levelMin: count(field(data, 'level_min')),
    closed: field(data, 'closed') === true,
  };
}

/** A JSON object; `null` where the text is none. */
export function parsed(json: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : null;
  } catch {
    return null;
  }
}

/** A field of an object, or a place of a list; `undefined` where there is none. */
export function field(of: unknown, name: string | number): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? (of as Record<string | number, unknown>)[name] : undefined;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number from zero on; zero for everything else. */
export function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}

function cssColor(value: unknown): string {
  const color = typeof value === 'number' && value >= 0 && value <= COLOR_WHITE ? Math.floor(value) : COLOR_WHITE;
  return `#${color.toString(16).padStart(6, '0')}`;
}

/** Why something was not done, in plain words. */

import type { Refusal } from '../room/types.js';

/** By the chat API's stable words. A code that is not among them is told in the room's own words. */
const WORDS: Readonly<Record<string, string>> = {
  guest: 'Pick a name first, then speak.',
  no_token: 'Pick a name first, then speak.',
  token_invalid: 'The room does not know you any more. Reload the page to come in again.',
  token_expired: 'Your visit has ended. Reload the page to come in again.',
  token_revoked: 'Your visit was ended. Reload the page to come in again.',
  other_room: 'You may not speak in this room.',
  banned: 'You were banned from this room.',
  muted: 'A moderator has muted you here.',
  closed: 'Only moderators speak at the moment.',
  level_only: 'Your level is too low to speak here.',
  followers_only: 'Only followers speak here.',
  role: 'Only moderators may do that.',
  outranked: 'You may not do that to this person.',
  empty: 'There is nothing to send.',
  too_long: 'This is too long.',
  slow_mode: 'Slow mode is on.',
  connection_rate: 'That was fast. Take a breath.',
  user_rate: 'That was fast. Take a breath.',
  address_rate: 'Too many messages from your network.',
  room_rate: 'The room is very busy.',
  filtered: 'This contains words that are not allowed here.',
  missing: 'It is gone already.',
  full: 'The list of reports is full. Try later.',
  unavailable: 'The chat is not working at the moment.',
  offline: 'You are offline. It is being tried again.',
  lost: 'The connection broke. It may not have been sent.',
  no_api: 'This page cannot do that.',
  unreachable: 'The chat cannot be reached.',
  backlog: 'Wait until the lines before are sent.',
};
/** Beyond this a wait is told in minutes. */
const SECONDS_MAX = 120;

/** A sentence or two for the viewer. */
export function inWords({ code, message, retryAfterMs }: Refusal): string {
  const words = Object.hasOwn(WORDS, code) ? WORDS[code] as string : sentence(message);
  return retryAfterMs === null || retryAfterMs < 1_000 ? words : `${words} Try again in ${duration(retryAfterMs)}.`;
}

/** A wait, rounded up. */
export function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds <= SECONDS_MAX ? `${String(seconds)} s` : `${String(Math.ceil(seconds / 60))} min`;
}

/** The room's own words, as a sentence. */
export function sentence(message: string): string {
  const text = message.trim();
  if (text === '') return 'That did not work.';
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/u.test(text) ? '' : '.'}`;
}

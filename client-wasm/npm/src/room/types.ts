/** A room that talks, as a page sees it: lines, what moderators do, what a viewer says. Types only. */

import type { LineClass, LineKind } from '../danmaku/types.js';

/**
 * A token, or what gets one: `renew` is true where the one before no longer counts, or soon will not. `null` is somebody who
 * only reads. What it rejects with is tried again later, but for a `RoomError` whose refusal has no `retryAfterMs`: that is
 * what the room's state then says.
 */
export type RoomToken = string | ((renew: boolean) => Promise<string | null> | string | null);

/** Options of `openRoom`. */
export interface RoomOptions {
  /** The edges' WebSocket addresses (`wss://host/sub`), at most 8; the next one is tried where one does not answer. */
  readonly addresses: string | readonly string[];
  /** The room's name, `type://id`. */
  readonly room: string;
  /** Where the chat API is (`https://host/chat/v1`). Without one there is no history, no reports and no recalls. */
  readonly api?: string;
  /** Who the viewer is: a token (JWT), or what gets one, before the first connection and again before the token ends. */
  readonly token?: RoomToken | undefined;
  /** Lines from before that the viewer sees on coming in, 0 to 50. Default 20. */
  readonly history?: number;
  /** People whose lines are never left out, at most 64. */
  readonly follows?: readonly number[];
}

/** What the room's connection does. */
export type RoomState =
  | { readonly is: 'connecting' }
  | { readonly is: 'open' }
  /** Lost, or never there: tried again then (`performance.now()`). */
  | { readonly is: 'waiting'; readonly retryAtMs: number; readonly attempt: number }
  /** The room does not let this viewer in, and is not asked again before {@link Room.reconnect}. */
  | { readonly is: 'refused'; readonly code: string; readonly message: string }
  | { readonly is: 'closed' };

/** One line that somebody said. */
export interface RoomLine {
  /** Its name in the room: to report it, to take it back. Empty where its maker gave it none. */
  readonly id: string;
  /** Its place in the room: epochs, and sequence numbers within one, only grow. Both 0 where it has none (only the viewer sees it). */
  readonly epoch: number;
  readonly sequence: number;
  readonly text: string;
  /** Who said it; 0 is nobody known. Never above 2^53. */
  readonly person: number;
  readonly name: string;
  readonly level: number;
  /** Who said it keeps order here. */
  readonly moderator: boolean;
  readonly kind: LineKind;
  readonly class: LineClass;
  /** `#rrggbb`. */
  readonly color: string;
  /** When it was said, milliseconds since 1970. */
  readonly atMs: number;
  /** The viewer said it. */
  readonly own: boolean;
  /** It names the viewer (`@name`). */
  readonly mentions: boolean;
  /** It is from the past: shown in a list, not flown over the picture. */
  readonly past: boolean;
  /** The {@link OwnLine.key} of the line that the page shows already, where this is the room's word for it; else `null`. */
  readonly key: string | null;
}

/** A line of the viewer's own on its way: shown at once, before the room has said anything. */
export interface OwnLine {
  /** Its name in this page, until the room gives it one. */
  readonly key: string;
  readonly state: 'sending' | 'sent' | 'refused';
  readonly text: string;
  readonly kind: LineKind;
  readonly color: string;
  /** Its name in the room, once it was sent. */
  readonly id: string | null;
  /** A moderator decides first whether others see it. */
  readonly held: boolean;
  /** Why not. */
  readonly refusal: Refusal | null;
}

/** Why something was not done. */
export interface Refusal {
  /**
   * A stable word: those of the chat API (`slow_mode`, `muted`, `filtered`, …), and `offline`, `lost` (nobody knows whether
   * it was said), `no_api`, `unreachable`, `backlog`.
   */
  readonly code: string;
  /** The same in words for the viewer. */
  readonly message: string;
  /** When it is worth another try, in milliseconds from now; `null` where it is not. */
  readonly retryAfterMs: number | null;
}

/** What became of something that was asked. */
export type Outcome<Done> =
  | ({ readonly ok: true } & Done)
  | { readonly ok: false; readonly refusal: Refusal };

/** What became of a line. A viewer whose lines nobody else sees is told the same as everybody. */
export type SendOutcome = Outcome<{ readonly id: string; readonly held: boolean }>;

/** How a line is to look. */
export interface SendOptions {
  readonly kind?: Exclude<LineKind, 'paid'>;
  /** `#rrggbb`. */
  readonly color?: string;
  /** Who it answers: the line then begins with `@name`. */
  readonly replyTo?: { readonly name: string };
}

/** How a room is talked in. */
export interface RoomSettings {
  /** Seconds between two lines of one person; 0 is off. */
  readonly slowSeconds: number;
  /** Only those who have followed for so many seconds; `null` is everybody. */
  readonly followersSeconds: number | null;
  /** Only from this level; 0 is everybody. */
  readonly levelMin: number;
  /** Nobody but those who keep order. */
  readonly closed: boolean;
}

/** Who the viewer is in this room. */
export interface Me {
  readonly person: number;
  readonly name: string;
  readonly level: number;
  /** Keeps order: may recall and mute. */
  readonly moderator: boolean;
}

/** Lines that have left, or must leave, every screen. */
export interface Withdrawn {
  readonly ids: readonly string[];
}

/** Numbers that did not come, and could not be had from history any more, or were too many: a hole in the list here. */
export interface Gap {
  readonly epoch: number;
  /** The first number that is missing, and the last. */
  readonly from: number;
  readonly to: number;
  /** `true`: history had them, and they came as lines in their place. `false`: they are lost. */
  readonly filled: boolean;
}

/** A page of the past, the oldest line first. */
export interface HistoryPage {
  readonly lines: readonly RoomLine[];
  /** There is more before it (or after it, for {@link Room.historyAt}). */
  readonly more: boolean;
}

/** A message of the room that is no comment: gifts, titles, what an application pushes. */
export interface RoomMessage {
  readonly command: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly class: LineClass;
  readonly past: boolean;
}

/** What happens in a room. Lines come in the room's order, each once. */
export interface RoomEvents {
  state: RoomState;
  me: Me | null;
  line: RoomLine;
  own: OwnLine;
  withdrawn: Withdrawn;
  settings: RoomSettings;
  gap: Gap;
  /** How many are here. */
  online: number;
  message: RoomMessage;
}

/** A room. */
export interface Room {
  readonly room: string;
  readonly state: RoomState;
  /** `null` is somebody who only reads, or is not known yet. */
  readonly me: Me | null;
  /** `null` until they are known. */
  readonly settings: RoomSettings | null;
  readonly online: number;
  /** When the viewer may say the next line (`performance.now()`): by slow mode, or because a rate was exceeded. */
  readonly nextSendAtMs: number;
  on<Name extends keyof RoomEvents>(name: Name, listener: (event: RoomEvents[Name]) => void): () => void;
  /** Says a line. Never rejects; `own` tells the same. */
  send(text: string, options?: SendOptions): Promise<SendOutcome>;
  /** Tells those who keep order. */
  report(id: string, reason: string): Promise<Outcome<object>>;
  /** Takes a line back: anybody's for those who keep order; the viewer's own for two minutes. */
  recall(id: string): Promise<Outcome<object>>;
  /** Refuses a person's lines for so long; for good without `seconds`. For those who keep order. */
  mute(person: number, seconds?: number): Promise<Outcome<object>>;
  /** The lines before a place in the room, 50 at most. */
  history(before: { readonly epoch: number; readonly sequence: number }): Promise<Outcome<HistoryPage>>;
  /** The lines said from a moment on (milliseconds since 1970), up to `untilMs`, 200 at most. */
  historyAt(fromMs: number, untilMs: number): Promise<Outcome<HistoryPage>>;
  /** Tries at once, also where the room refused before. */
  reconnect(): void;
  /** From now on the viewer is this: somebody who only read has taken a name, say. The connection is made anew; no line is missed. */
  setToken(token: RoomToken | null): void;
  /** The end: no timer, no socket, no listener is left. */
  close(): void;
}

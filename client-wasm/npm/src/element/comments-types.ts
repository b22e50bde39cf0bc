/** Comments of `<shoal-player>`, as a page sees them. Types only. */

import type { Choices, Danmaku } from '../danmaku/types.js';
import type { Room, RoomOptions } from '../room/types.js';

/** What attributes cannot say, or say too: `comments` (addresses), `room`, `comments-api`, `comments-token`, `comments-name`. */
export interface CommentsOptions extends Partial<RoomOptions> {
  /** A guest of this name, where there is no token: the edge signs one for it. */
  readonly name?: string;
  /** The viewer's choices, where the page keeps them itself. */
  readonly choices?: Choices;
  /** Choices, and a guest's token, are kept in `localStorage` for the next visit. Default `true`. */
  readonly keep?: boolean;
  /** Reads out lines to screen readers. Default `true`; `false` where the page has a list. */
  readonly announce?: boolean;
}

/** The comments of a player: of the `shoal-comments` event, and of the element's property `comments`. */
export interface PlayerComments {
  readonly room: Room;
  /** `null` where the browser cannot draw them: the room is there all the same. */
  readonly danmaku: Danmaku | null;
  /** What the viewer chose: for a list, and for a panel of settings. */
  readonly choices: Choices;
  /** The box that is drawn in: for the menu of a line that was clicked. */
  readonly layer: HTMLElement;
  /** The picture is of the past: its comments come from history, and those of now are not drawn. */
  readonly isBehind: boolean;
  /** Says who the viewer is from now on: a guest of this name. */
  setName(name: string): void;
  /** Takes the comments away. */
  destroy(): void;
}

/** A room that talks, without a picture: `@shoal/player/room`. The player's comments are built on it. */

import { TalkingRoom } from './room.js';
import type { Room, RoomOptions } from './types.js';

export { RoomError } from './api.js';
export { type GuestOptions, guestToken } from './guest.js';
export type {
  Gap, HistoryPage, Me, Outcome, OwnLine, Refusal, Room, RoomEvents, RoomLine, RoomMessage, RoomOptions, RoomSettings, RoomState,
  RoomToken, SendOptions, SendOutcome, Withdrawn,
} from './types.js';

/** Comes into a room, and stays until `close()`: connections that break are made again, and no line is missed. */
export function openRoom(options: RoomOptions): Room {
  return new TalkingRoom(options);
}

/** `@shoal/player/element`: importing it defines `<shoal-player>`. */

import { ShoalPlayer } from './element.js';

if (!customElements.get('shoal-player')) customElements.define('shoal-player', ShoalPlayer);

export { ShoalPlayer };
export type { ElementOptions, ShoalPlayerEventMap } from './element.js';
export type { CommentsOptions, PlayerComments } from './comments-types.js';
export type * from '../room/types.js';
export type * from '../public/types.js';

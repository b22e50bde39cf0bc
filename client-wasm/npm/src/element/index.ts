/** `@shoal/player/element`: importing it defines `<shoal-player>`. */

import { ShoalPlayer } from './element.js';

if (!customElements.get('shoal-player')) customElements.define('shoal-player', ShoalPlayer);

export { ShoalPlayer };
export type * from '../public/types.js';

/** Comments over any picture, fed by the page's own lines: `@shoal/player/danmaku`. */

import { Layer } from './layer.js';
import { makeComments } from './module.js';
import type { Danmaku, DanmakuOptions } from './types.js';

export { DEFAULTS, keepSettings, keptSettings } from './settings.js';
export type {
  Counts, Danmaku, DanmakuEvents, DanmakuOptions, DropReason, Line, LineClass, LineKind, Settings,
} from './types.js';

/**
 * Puts a layer of comments over an element, which must be positioned (`position: relative` or the like).
 *
 * Rejects where the browser has no WebAssembly or the module cannot be loaded; the page goes on without comments.
 */
export async function createDanmaku(box: HTMLElement, options: DanmakuOptions = {}): Promise<Danmaku> {
  const none = Float64Array.from([0, 0, 1, 50, 100, 300, 1, 1, 1, 1, 1]);
  return new Layer(box, await makeComments(none), options);
}

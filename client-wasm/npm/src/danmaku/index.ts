/** Comments over any picture, fed by the page's own lines: `@shoal/player/danmaku`. */

import { Layer } from './layer.js';
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
export function createDanmaku(box: HTMLElement, options: DanmakuOptions = {}): Promise<Danmaku> {
  return Layer.open(box, options);
}

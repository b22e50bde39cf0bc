/** Comments over any picture, fed by the page's own lines or by a file: `@shoal/player/danmaku`. */

import { Layer } from './layer.js';
import type { Danmaku, DanmakuOptions } from './types.js';

export { openChoices } from './choices.js';
export { ReplayError, loadReplay, parseReplay, playReplay } from './replay/index.js';
export type { LoadReplayOptions, PlayReplayOptions, Replay, ReplayCounts, ReplayLine, ReplayPlayer } from './replay/index.js';
export { SettingsFileError } from './settings-file.js';
export { DEFAULTS, keepSettings, keptSettings } from './settings.js';
export type {
  Choices, Counts, Danmaku, DanmakuEvents, DanmakuOptions, DropReason, Line, LineClass, LineKind, Person, Settings, SettingsChange,
} from './types.js';

/**
 * Puts a layer of comments over an element, which must be positioned (`position: relative` or the like).
 *
 * Rejects where the browser has no WebAssembly or the module cannot be loaded; the page goes on without comments.
 */
export function createDanmaku(box: HTMLElement, options: DanmakuOptions = {}): Promise<Danmaku> {
  return Layer.open(box, options);
}

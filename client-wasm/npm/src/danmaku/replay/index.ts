/** Comments of a recording. */

export { ReplayError } from './error.js';
export { parseReplay } from './file.js';
export { loadReplay } from './load.js';
export { playReplay } from './play.js';
export type { LoadReplayOptions, PlayReplayOptions, Replay, ReplayCounts, ReplayLine, ReplayPlayer } from './types.js';

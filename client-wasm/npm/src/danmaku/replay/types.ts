/** Comments of a recording: what a file holds, and how it is played. Types only. */

import type { Line } from '../types.js';

/** A line and its moment. */
export interface ReplayLine {
  /** From the recording's begin. */
  readonly atMs: number;
  readonly line: Line;
}

/** A file, read. */
export interface Replay {
  readonly format: 'bilibili-xml' | 'shoal-json';
  /** By their moments. */
  readonly lines: readonly ReplayLine[];
  /** What was in the file and is not among the lines. */
  readonly refused: {
    /** No line: no moment, no text, numbers that are none. */
    readonly malformed: number;
    /** Placed or animated by a script, which is not shown here. */
    readonly unsupported: number;
    /** Over the limit of 100,000 lines. */
    readonly excess: number;
  };
}

/** Options of `loadReplay`. */
export interface LoadReplayOptions {
  readonly signal?: AbortSignal;
  /** For the request: headers with a token, credentials. */
  readonly request?: RequestInit;
}

/** Options of `playReplay`. */
export interface PlayReplayOptions {
  /** The moment of the recording at which the video begins: positive where the video begins later. Default 0. */
  readonly offsetMs?: number;
}

/** A file that plays beside a video. */
export interface ReplayPlayer {
  /** May be changed while it plays; the lines of the moment are shown anew. */
  offsetMs: number;
  readonly counts: ReplayCounts;
  /** Stops; what is on the screen is taken back. */
  destroy(): void;
}

/** What was done with the lines; the layer's own counts say which of the said were shown. */
export interface ReplayCounts {
  /** Lines of the file. */
  readonly lines: number;
  /** Handed to the layer at their moment. */
  readonly said: number;
  /** Of these, handed over after a seek, in mid-flight. */
  readonly caughtUp: number;
  /** Over before anybody could see them: the picture jumped, or the tab was asleep. */
  readonly missed: number;
  readonly seeks: number;
}

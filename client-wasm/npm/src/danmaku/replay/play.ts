/**
 * A file of comments beside a video: each line is handed to the layer when the video comes to its moment.
 *
 * The video's clock is the only one. A timer waits for the next line at the video's rate and looks again when it rings: a
 * picture that stalls, is paused or seeks makes lines late with it, never early. While the video stands no timer runs.
 */

import { Lifetime } from '../../internal/lifetime.js';
import type { Danmaku, Line } from '../types.js';
import type { PlayReplayOptions, Replay, ReplayCounts, ReplayPlayer } from './types.js';

/** How long lines are on the screen, as `danmaku::limits` has it: `CROSSING` at speed 1, `HOLD`. */
const CROSSING_MS = 8_000;
const HOLD_MS = 4_000;
/** A timer that rings early, or a picture that stalls, is waited for by steps of this; and for the next line so long at most. */
const STEP_MS = 20;
const WAIT_MS_MAX = 1_000;
/** A line that is no later than this begins as any other: it may wait for a row, which one in mid-flight may not. */
const LATE_MS = 250;

/** Plays a file beside a video. The layer's own `video` may be the same, or none. */
export function playReplay(danmaku: Danmaku, video: HTMLMediaElement, replay: Replay, options: PlayReplayOptions = {}): ReplayPlayer {
  return new Player(danmaku, video, replay, options.offsetMs ?? 0);
}

class Player implements ReplayPlayer {
  readonly #danmaku: Danmaku;
  readonly #video: HTMLMediaElement;
  readonly #replay: Replay;
  readonly #lifetime = new Lifetime();
  #offsetMs: number;
  /** The first line that has not been said. */
  #next = 0;
  #lastMs = 0;
  #timer: number | undefined;
  #said = 0;
  #caughtUp = 0;
  #missed = 0;
  #seeks = 0;

  constructor(danmaku: Danmaku, video: HTMLMediaElement, replay: Replay, offsetMs: number) {
    this.#danmaku = danmaku;
    this.#video = video;
    this.#replay = replay;
    this.#offsetMs = offsetMs;
    if (video.paused) danmaku.pause();
    this.#lifetime.listen(video, 'seeking', () => { this.#rest(); danmaku.clear(); });
    this.#lifetime.listen(video, 'seeked', () => { this.#seeks += 1; this.#arrive(); });
    this.#lifetime.listen(video, 'emptied', () => { this.#rest(); danmaku.clear(); });
    this.#lifetime.listen(video, 'pause', () => { this.#rest(); danmaku.pause(); });
    for (const name of ['playing', 'ratechange']) this.#lifetime.listen(video, name, () => { this.#go(); });
    this.#arrive();
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  set offsetMs(offsetMs: number) {
    this.#offsetMs = offsetMs;
    this.#arrive();
  }

  get counts(): ReplayCounts {
    return { lines: this.#replay.lines.length, said: this.#said, caughtUp: this.#caughtUp, missed: this.#missed, seeks: this.#seeks };
  }

  destroy(): void {
    this.#lifetime.end();
    this.#danmaku.clear();
  }

  get #nowMs(): number {
    return this.#video.currentTime * 1_000 + this.#offsetMs;
  }

  /** Another moment: what would be on the screen now, where it would be. */
  #arrive(): void {
    this.#danmaku.clear();
    const now = this.#nowMs;
    const rate = Math.abs(this.#video.playbackRate) || 1;
    const { lines } = this.#replay;
    this.#lastMs = now;
    this.#next = this.#place(now);
    const longest = Math.max(CROSSING_MS / this.#danmaku.settings.speed, HOLD_MS) * rate;
    for (let at = this.#place(now - longest); at < this.#next; at += 1) {
      const { atMs, line } = lines[at] as Replay['lines'][number];
      const agoMs = (now - atMs) / rate;
      if (agoMs >= this.#staysMs(line)) continue;
      this.#say(line, agoMs);
      this.#caughtUp += 1;
    }
    this.#go();
  }

  #staysMs({ kind = 'scroll' }: Line): number {
    return kind === 'scroll' ? CROSSING_MS / this.#danmaku.settings.speed : HOLD_MS;
  }

  /** The first line at or after a moment. */
  #place(ms: number): number {
    const { lines } = this.#replay;
    let [low, high] = [0, lines.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((lines[middle] as Replay['lines'][number]).atMs < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #go(): void {
    this.#rest();
    if (this.#video.paused || this.#video.seeking || this.#video.ended) return;
    this.#danmaku.resume();
    const now = this.#nowMs;
    const rate = Math.abs(this.#video.playbackRate) || 1;
    // A picture that went back without having said so.
    if (now < this.#lastMs - STEP_MS) {
      this.#arrive();
      return;
    }
    this.#lastMs = now;
    const { lines } = this.#replay;
    for (let line = lines[this.#next]; line !== undefined && line.atMs <= now; line = lines[this.#next]) {
      const lateMs = (now - line.atMs) / rate;
      // Nobody looked for a while: a tab in the background, a gap in the recording.
      if (lateMs >= this.#staysMs(line.line)) this.#missed += 1;
      else this.#say(line.line, lateMs <= LATE_MS ? 0 : lateMs);
      this.#next += 1;
    }
    const leftMs = ((lines[this.#next]?.atMs ?? Infinity) - now) / rate;
    this.#timer = this.#lifetime.after(Math.min(WAIT_MS_MAX, Math.max(STEP_MS, leftMs)), () => { this.#go(); });
  }

  #rest(): void {
    this.#lifetime.cancel(this.#timer);
    this.#timer = undefined;
  }

  #say(line: Line, agoMs: number): void {
    this.#danmaku.push(line, agoMs);
    this.#said += 1;
  }
}

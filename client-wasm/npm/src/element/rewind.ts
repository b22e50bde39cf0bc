/**
 * Which comments belong to the picture: those of now while it is live; while it is of the past, those of that moment, from
 * history.
 *
 * A comment belongs to the picture that viewers at the live edge saw when it was said: the picture's own time, and how far
 * from the edge the player plays.
 */

import type Hls from 'hls.js';
import { Lifetime } from '../internal/lifetime.js';
import type { Room, RoomLine } from '../room/types.js';

/** This far behind the place where it is meant to be, the picture is of the past; within the second it is live again. */
const BEHIND_SECONDS = 5;
const LIVE_SECONDS = 2;
/** A line said so long ago would still be crossing the picture. */
const REACH_MS = 8_000;
/** What is asked for at once, and when the next part is. */
const SPAN_MS = 20_000;
const AHEAD_MS = 8_000;
/** Nothing is asked for less, but at the beginning. */
const SPAN_MS_MIN = 2_000;

export interface RewindEvents {
  /** A line of the past, said so long before the picture. */
  show(line: RoomLine, agoMs: number): void;
}

export class Rewind {
  readonly #video: HTMLVideoElement;
  readonly #hls: () => Hls | undefined;
  readonly #room: Room;
  readonly #events: RewindEvents;
  readonly #lifetime = new Lifetime();
  #isBehind = false;
  /** How far from the edge the player plays when it plays live. */
  #lagMs: number | undefined;
  #queue: RoomLine[] = [];
  /** Up to here history was asked for. */
  #horizonMs: number | undefined;
  /** Of the last seek: answers to questions before it come too late. */
  #turn = 0;
  #asking = false;

  constructor(video: HTMLVideoElement, hls: () => Hls | undefined, room: Room, events: RewindEvents) {
    this.#video = video;
    this.#hls = hls;
    this.#room = room;
    this.#events = events;
    this.#lifetime.listen(video, 'seeking', () => { this.#restart(); });
    for (const name of ['seeked', 'playing', 'timeupdate']) this.#lifetime.listen(video, name, () => { this.#look(); });
  }

  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Lines that were taken back meanwhile. */
  withdraw(ids: readonly string[]): void {
    this.#queue = this.#queue.filter(({ id }) => !ids.includes(id));
  }

  end(): void {
    this.#turn += 1;
    this.#lifetime.end();
  }

  #restart(): void {
    this.#turn += 1;
    this.#queue = [];
    this.#horizonMs = undefined;
    this.#asking = false;
  }

  #look(): void {
    const hls = this.#hls();
    const edge = hls?.liveSyncPosition;
    if (hls === undefined || edge == null || this.#video.seeking) return;
    const behind = edge - this.#video.currentTime;
    const wasBehind = this.#isBehind;
    this.#isBehind = behind > (wasBehind ? LIVE_SECONDS : BEHIND_SECONDS);
    if (this.#isBehind !== wasBehind) this.#restart();
    if (!this.#isBehind) {
      if (hls.latency > 0) this.#lagMs = hls.latency * 1_000;
      return;
    }
    const picture = hls.playingDate?.getTime();
    if (picture === undefined) return;
    const now = picture + (this.#lagMs ?? (hls.targetLatency ?? 0) * 1_000);
    for (let next = this.#queue[0]; next !== undefined && next.atMs <= now; next = this.#queue[0]) {
      this.#queue.shift();
      this.#events.show(next, now - next.atMs);
    }
    this.#ask(now, behind * 1_000);
  }

  /** Asks for what is to come, but not for what has not been said yet. */
  #ask(now: number, behindMs: number): void {
    const from = this.#horizonMs ?? now - REACH_MS;
    const until = now + Math.min(SPAN_MS, behindMs);
    if (this.#asking || from > now + AHEAD_MS || until - from < SPAN_MS_MIN) return;
    const turn = this.#turn;
    this.#asking = true;
    void this.#room.historyAt(from, until).then((page) => {
      if (turn !== this.#turn) return;
      this.#asking = false;
      if (!page.ok) return;
      const { lines, more } = page;
      // The last moment of a page that was cut may have more lines: it is asked for again, and each is shown once.
      this.#horizonMs = more ? Math.max(from + 1, lines.at(-1)?.atMs ?? until) : until;
      const waiting = new Set(this.#queue.map(({ id }) => id));
      this.#queue.push(...lines.filter(({ id }) => id === '' || !waiting.has(id)));
      this.#look();
    });
  }
}

/**
 * Fills holes from history, within reason: a room that leaves lines out because it is too busy has many, and asking for all
 * of them would be as much again.
 */

import { Lifetime } from '../internal/lifetime.js';
import type { Api } from './api.js';
import { type Said, commentOf, field } from './events.js';
import type { Hole, Order, Place } from './order.js';
import type { Outcome } from './types.js';

/** Questions at once, and how long one more takes to be allowed. */
export const QUESTIONS_MAX = 5;
const QUESTION_MS = 2_000;
/** Before asking, up to so long: everybody in the room may have the same hole. */
const JITTER_MS = 250;
/** How long what came after a hole waits for it. */
const PATIENCE_MS = 5_000;
/** Before a server that did not answer is asked again. */
const AGAIN_MS = 1_000;
/** Lines of one answer, and answers to one question: a hole of more is filled with its newest part. */
const LINES_MAX = 200;
export const PAGES_MAX = 5;

interface Found {
  readonly comments: NonNullable<ReturnType<typeof commentOf>>[];
  readonly recalled: string[];
  /** Nothing is missing from it that was a comment. */
  readonly whole: boolean;
}

export interface MenderEvents<Item> {
  line(said: Said, newestAtMs: number): Item;
  recalled(ids: readonly string[]): void;
  newestAtMs(): number;
  /** Whether messages come now. While none do, nothing waits for a hole to be filled. */
  isLive(): boolean;
}

export class Mender<Item> {
  readonly #api: Api;
  readonly #order: Order<Item>;
  readonly #events: MenderEvents<Item>;
  readonly #lifetime = new Lifetime();
  #busy = false;
  #ended = false;
  #questions = QUESTIONS_MAX;
  #countedMs = performance.now();

  constructor(api: Api, order: Order<Item>, events: MenderEvents<Item>) {
    this.#api = api;
    this.#order = order;
    this.#events = events;
  }

  /** There may be a hole. */
  look(): void {
    while (!this.#busy && this.#order.hole !== null) {
      if (this.#mayAsk()) void this.#mend(this.#order.hole);
      else this.#order.giveUp();
    }
  }

  end(): void {
    this.#ended = true;
    this.#lifetime.end();
  }

  #mayAsk(): boolean {
    if (!this.#api.isThere) return false;
    const now = performance.now();
    const earned = Math.floor((now - this.#countedMs) / QUESTION_MS);
    this.#questions = Math.min(QUESTIONS_MAX, this.#questions + earned);
    this.#countedMs += earned * QUESTION_MS;
    if (this.#questions === 0) return false;
    this.#questions -= 1;
    return true;
  }

  async #mend(hole: Hole): Promise<void> {
    this.#busy = true;
    await this.#wait(Math.random() * JITTER_MS);
    let patientUntilMs = performance.now() + PATIENCE_MS;
    // It may be filled by another connection meanwhile, or given up because too much waits behind it.
    while (this.#order.hole === hole && !this.#ended) {
      const until = this.#order.newest ?? hole.before;
      const found = await this.#pages(hole.after, until);
      if (this.#order.hole !== hole || this.#ended) break;
      if (!this.#events.isLive()) patientUntilMs = performance.now() + PATIENCE_MS;
      if (found.ok) this.#fill(found, until);
      else if (found.refusal.retryAfterMs === null || performance.now() > patientUntilMs) this.#order.giveUp();
      else await this.#wait(AGAIN_MS);
    }
    this.#busy = false;
    if (!this.#ended) this.look();
  }

  /** What history has between two places, the newest page first. */
  async #pages(after: Place, before: Place): Promise<Outcome<Found>> {
    const found: Found = { comments: [], recalled: [], whole: true };
    let until = before;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const between = `after=${place(after)}&before=${place(until)}`;
      const answer = await this.#api.call(`comments?${between}&limit=${String(LINES_MAX)}`, {});
      if (!answer.ok) return answer;
      const [comments, recalled] = [listOf(answer.value, 'comments').map(commentOf).filter((one) => one !== null), listOf(answer.value, 'recalled')];
      found.comments.unshift(...comments);
      found.recalled.push(...recalled.filter((id) => typeof id === 'string'));
      const [first] = comments;
      if (field(answer.value, 'more') !== true || first === undefined) {
        // A page after the first ends where a comment is known to be: what is whole is told of the rest only.
        return { ok: true, ...found, whole: field(answer.value, 'whole') === true };
      }
      until = first;
    }
    return { ok: true, ...found, whole: false };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#lifetime.after(ms, resolve);
    });
  }

  #fill({ comments, recalled, whole }: Found, until: Place): void {
    if (recalled.length > 0) this.#events.recalled(recalled);
    const newest = this.#events.newestAtMs();
    const items = comments.map(({ said, epoch, sequence }) => ({ place: { epoch, sequence }, item: this.#events.line(said, newest) }));
    this.#order.fill(items, whole, until);
  }
}

function place({ epoch, sequence }: Place): string {
  return `${String(epoch)}.${String(sequence)}`;
}

function listOf(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}

/**
 * Fills holes from history, within reason: a room that leaves lines out because it is too busy has many, and asking for all
 * of them would be as much again.
 */

import { Lifetime } from '../internal/lifetime.js';
import type { Api } from './api.js';
import { type Said, commentOf, field } from './events.js';
import type { Hole, Order } from './order.js';

/** Questions at once, and how long one more takes to be allowed. */
export const QUESTIONS_MAX = 5;
const QUESTION_MS = 2_000;
/** Before asking, up to so long: everybody in the room may have the same hole. */
const JITTER_MS = 250;
/** How long what came after a hole waits for it. */
const PATIENCE_MS = 5_000;
/** Before a server that did not answer is asked again. */
const AGAIN_MS = 1_000;
const LINES_MAX = 200;

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
    const { after, before } = hole;
    const between = `after=${String(after.epoch)}.${String(after.sequence)}&before=${String(before.epoch)}.${String(before.sequence)}`;
    await this.#wait(Math.random() * JITTER_MS);
    let patientUntilMs = performance.now() + PATIENCE_MS;
    // It may be filled by another connection meanwhile, or given up because too much waits behind it.
    while (this.#order.hole === hole && !this.#ended) {
      const found = await this.#api.call(`comments?${between}&limit=${String(LINES_MAX)}`, {});
      if (this.#order.hole !== hole || this.#ended) break;
      if (!this.#events.isLive()) patientUntilMs = performance.now() + PATIENCE_MS;
      if (found.ok) this.#fill(found.value);
      else if (found.refusal.retryAfterMs === null || performance.now() > patientUntilMs) this.#order.giveUp();
      else await this.#wait(AGAIN_MS);
    }
    this.#busy = false;
    if (!this.#ended) this.look();
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#lifetime.after(ms, resolve);
    });
  }

  #fill(value: unknown): void {
    const recalled = field(value, 'recalled');
    if (Array.isArray(recalled)) this.#events.recalled(recalled.filter((id) => typeof id === 'string'));
    const newest = this.#events.newestAtMs();
    const list = field(value, 'comments');
    const comments = (Array.isArray(list) ? list : []).map(commentOf).filter((one) => one !== null);
    const whole = field(value, 'whole') === true;
    const items = comments.map(({ said, epoch, sequence }) => ({ place: { epoch, sequence }, item: this.#events.line(said, newest) }));
    this.#order.fill(items, whole);
  }
}

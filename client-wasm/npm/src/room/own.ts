/** The viewer's own lines between saying them and the room's word for them. */

import type { LineKind } from '../danmaku/types.js';
import { Lifetime } from '../internal/lifetime.js';
import { field, text } from './events.js';
import { refusalOf } from './api.js';
import type { OwnLine, Refusal, SendOutcome } from './types.js';

/** Lines that are on their way at most. */
export const ON_THE_WAY_MAX = 8;
/** Names of lines said that are remembered, to know the room's word for one that comes after its answer. */
const SAID_MAX = 64;
/** An answer that takes longer does not come. */
const ANSWER_MS_MAX = 20_000;

export const BACKLOG: Refusal = { code: 'backlog', message: 'The lines before are still on their way.', retryAfterMs: 1_000 };
const LOST: Refusal = {
  code: 'lost', message: 'The connection broke: the line may not have been said.', retryAfterMs: null,
};

interface Pending {
  readonly line: OwnLine;
  /** The number of the frame that said it, on the connection that said it. */
  readonly frame: number;
  /** That connection is over: only the room's own word can tell now. */
  orphan: boolean;
  /** The room's line was seen already. */
  seen: string | null;
  readonly timer: number;
  readonly tell: (outcome: SendOutcome) => void;
}

export class OwnLines {
  readonly #lifetime = new Lifetime();
  readonly #told: (line: OwnLine) => void;
  readonly #pending: Pending[] = [];
  /** By the room's names, in the order in which they were told. */
  readonly #said = new Map<string, string>();
  #next = 1;

  constructor(told: (line: OwnLine) => void) {
    this.#told = told;
  }

  get isFull(): boolean {
    return this.#pending.length >= ON_THE_WAY_MAX;
  }

  /** A line was sent in this frame. */
  sent(frame: number, words: string, kind: LineKind, color: string): Promise<SendOutcome> {
    const key = `own-${String(this.#next++)}`;
    const line: OwnLine = { key, state: 'sending', text: words, kind, color, id: null, held: false, refusal: null };
    return new Promise((tell) => {
      const timer = this.#lifetime.after(ANSWER_MS_MAX, () => { this.#refuse((one) => one.line.key === key, LOST); });
      this.#pending.push({ line, frame, orphan: false, seen: null, timer, tell });
      this.#told(line);
    });
  }

  /** The room's answer to a frame; the refusal, where it is one. */
  answered(frame: number, body: Record<string, unknown> | null): Refusal | null {
    const refusal = field(body, 'code') === 0 ? null : refusalOf(body) ?? LOST;
    if (refusal === null) this.#accept((one) => !one.orphan && one.frame === frame, text(field(body, 'id')), field(body, 'held') === true);
    else this.#refuse((one) => !one.orphan && one.frame === frame, refusal);
    return refusal;
  }

  /** The room shows a line of the viewer's: the key under which the page shows it already, where it does. */
  claim(id: string, words: string): string | null {
    const known = this.#said.get(id);
    if (known !== undefined) return known;
    // Its answer is still to come. A filter may have put stars into it, so the first one that waits may be meant, too.
    const waiting = this.#pending.filter((one) => one.seen === null);
    const one = waiting.find(({ line }) => line.text === words) ?? waiting.find(({ line }) => line.text.length === words.length);
    if (one === undefined) return null;
    one.seen = id;
    if (one.orphan) this.#accept((other) => other === one, id, false);
    return one.line.key;
  }

  /** The key of a line that the room names so. */
  keyOf(id: string): string | undefined {
    return this.#said.get(id);
  }

  /** The connection is over: no answer comes to what it carried. */
  orphan(): void {
    for (const one of this.#pending) one.orphan = true;
    for (const { line, seen } of [...this.#pending]) if (seen !== null) this.#accept((one) => one.line === line, seen, false);
  }

  /** Everything that was said until now was shown: what is not among it was lost with its connection. */
  settle(): void {
    this.#refuse((one) => one.orphan, LOST);
  }

  end(): void {
    this.#lifetime.end();
    for (const { tell } of this.#pending.splice(0)) tell({ ok: false, refusal: LOST });
  }

  #accept(is: (one: Pending) => boolean, id: string, held: boolean): void {
    for (const { line, tell } of this.#take(is)) {
      this.#said.set(id, line.key);
      for (const oldest of this.#said.keys()) {
        if (this.#said.size <= SAID_MAX) break;
        this.#said.delete(oldest);
      }
      this.#told({ ...line, state: 'sent', id, held });
      tell({ ok: true, id, held });
    }
  }

  #refuse(is: (one: Pending) => boolean, refusal: Refusal): void {
    for (const { line, tell } of this.#take(is)) {
      this.#told({ ...line, state: 'refused', refusal });
      tell({ ok: false, refusal });
    }
  }

  /** Those that are on their way no more. */
  #take(is: (one: Pending) => boolean): Pending[] {
    const taken = this.#pending.filter(is);
    for (const one of taken) {
      this.#lifetime.cancel(one.timer);
      this.#pending.splice(this.#pending.indexOf(one), 1);
    }
    return taken;
  }
}

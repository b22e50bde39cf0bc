/**
 * A room's messages in the room's order, each once: what comes twice is dropped, what is missing is a hole, and what comes
 * after a hole waits until the hole is filled or given up.
 *
 * Sans-IO: whoever owns it asks history and sets timers.
 *
 * **Invariant:** places of what is given out only rise.
 */

/** A place in a room: epochs, and numbers within one, only grow. */
export interface Place {
  readonly epoch: number;
  readonly sequence: number;
}

/** What is missing: everything between two places. */
export interface Hole {
  readonly after: Place;
  readonly before: Place;
}

/** Messages that wait behind a hole at most; one more, and the hole is given up. */
export const WAITING_MAX = 512;

export function isBefore(one: Place, other: Place): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.sequence < other.sequence);
}

export class Order<Item> {
  readonly #give: (item: Item, place: Place) => void;
  readonly #closed: (hole: Hole, filled: boolean) => void;
  #last: Place | null = null;
  #hole: Hole | null = null;
  readonly #waiting: { readonly place: Place; readonly item: Item }[] = [];

  /** `closed` is told of each hole, before what comes behind it is given. */
  constructor(give: (item: Item, place: Place) => void, closed: (hole: Hole, filled: boolean) => void) {
    this.#give = give;
    this.#closed = closed;
  }

  /** Up to here everything was given out; `null` where nothing has come yet. */
  get last(): Place | null {
    return this.#last;
  }

  /** The hole that holds up what came after it. */
  get hole(): Hole | null {
    return this.#hole;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** A message came. */
  take(place: Place, item: Item): void {
    while (this.#hole !== null && this.#waiting.length >= WAITING_MAX) this.giveUp();
    if (this.#last !== null && !isBefore(this.#last, place)) return;
    // Nearly always the last; what another connection brings again, or at last, comes before.
    let at = this.#waiting.length;
    for (let before = this.#waiting[at - 1]; before !== undefined && !isBefore(before.place, place); before = this.#waiting[at - 1]) {
      if (!isBefore(place, before.place)) return;
      at -= 1;
    }
    this.#waiting.splice(at, 0, { place, item });
    if (at === 0) {
      this.#hole = null;
      this.#drain();
    }
  }

  /** What history had of the hole; items that are not of it are dropped. `whole`: it had everything. */
  fill(items: readonly { readonly place: Place; readonly item: Item }[], whole: boolean): void {
    const hole = this.#hole;
    if (hole === null) return;
    this.#hole = null;
    for (const { place, item } of [...items].sort((a, b) => (isBefore(a.place, b.place) ? -1 : 1))) {
      if (!isBefore(place, hole.before) || (this.#last !== null && !isBefore(this.#last, place))) continue;
      this.#last = place;
      this.#give(item, place);
    }
    this.#closed(hole, whole);
    this.#pass(hole);
  }

  /** The hole stays one. */
  giveUp(): void {
    const hole = this.#hole;
    if (hole === null) return;
    this.#hole = null;
    this.#closed(hole, false);
    this.#pass(hole);
  }

  /** Goes on behind a hole: what stood before it counts as given out. */
  #pass({ before }: Hole): void {
    this.#last = { epoch: before.epoch, sequence: before.sequence - 1 };
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const { place, item } = next;
      const after = this.#last;
      if (after !== null && (place.epoch !== after.epoch || place.sequence !== after.sequence + 1)) {
        this.#hole = { after, before: place };
        return;
      }
      this.#waiting.shift();
      this.#last = place;
      this.#give(item, place);
    }
  }
}

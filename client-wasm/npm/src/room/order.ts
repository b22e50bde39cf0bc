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

interface Entry<Item> {
  readonly place: Place;
  readonly item: Item;
}

export function isBefore(one: Place, other: Place): boolean {
  return one.epoch < other.epoch || (one.epoch === other.epoch && one.sequence < other.sequence);
}

function compare(one: Place, other: Place): number {
  return one.epoch - other.epoch || one.sequence - other.sequence;
}

function follows(one: Place, other: Place): boolean {
  return one.epoch === other.epoch && one.sequence + 1 === other.sequence;
}

export class Order<Item> {
  readonly #give: (item: Item, place: Place) => void;
  readonly #closed: (hole: Hole, filled: boolean) => void;
  #last: Place | null = null;
  #hole: Hole | null = null;
  readonly #waiting: Entry<Item>[] = [];

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

  /** The newest message that waits; `null` where none does. */
  get newest(): Place | null {
    return this.#waiting.at(-1)?.place ?? null;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** A message came of those that the room shows to whoever comes in: what is missing between them was never meant to come. */
  begin(place: Place, item: Item): void {
    if (this.#last === null || isBefore(this.#last, place)) this.#last = { epoch: place.epoch, sequence: place.sequence - 1 };
    this.take(place, item);
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

  /**
   * What history had from the hole up to `until`, which is a message that waits, or the one behind the hole: other holes before
   * it are filled with it. Items that are not of that part are dropped. `whole`: it had everything.
   */
  fill(items: readonly Entry<Item>[], whole: boolean, until: Place | undefined = this.#hole?.before): void {
    const hole = this.#hole;
    if (hole === null || until === undefined) return;
    this.#hole = null;
    const came = new Set(this.#waiting.splice(0, this.#waiting.filter(({ place }) => !isBefore(until, place)).length));
    const filled = items.filter(({ place }) => isBefore(place, until));
    let edge = hole.after;
    for (const entry of [...came, ...filled].sort((a, b) => compare(a.place, b.place))) {
      const { place, item } = entry;
      if (came.has(entry)) {
        if (!follows(edge, place)) this.#closed({ after: edge, before: place }, whole);
        edge = place;
      }
      if (this.#last !== null && !isBefore(this.#last, place)) continue;
      this.#last = place;
      this.#give(item, place);
    }
    this.#drain();
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
      if (after !== null && !follows(after, place)) {
        this.#hole = { after, before: place };
        return;
      }
      this.#waiting.shift();
      this.#last = place;
      this.#give(item, place);
    }
  }
}

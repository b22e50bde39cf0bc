/** Reads out the list to screen readers: a line now and then, what mentions the viewer, and what concerns their own lines. */

import type { Lifetime } from '../internal/lifetime.js';
import type { Entry } from './entry.js';

/** Between two lines: a reader speaks about three words a second. */
const SAY_EVERY_MS = 3_000;
const CHARS_MAX = 120;

export class Herald {
  readonly #region: HTMLElement;
  readonly #lifetime: Lifetime;
  #next: string | undefined;
  #urgent = false;
  #timer: number | undefined;

  constructor(region: HTMLElement, lifetime: Lifetime) {
    this.#region = region;
    this.#lifetime = lifetime;
  }

  /** The newest line waits its turn; one that mentions the viewer is not pushed out of it by others. */
  say({ name, text, mentions }: Entry): void {
    const said = `${name === '' ? 'Somebody' : name}: ${text.slice(0, CHARS_MAX)}`;
    if (this.#timer === undefined) this.warn(said);
    else if (mentions || !this.#urgent) [this.#next, this.#urgent] = [said, mentions];
  }

  /** At once. */
  warn(text: string): void {
    this.#region.textContent = text;
    this.#lifetime.cancel(this.#timer);
    this.#timer = this.#lifetime.after(SAY_EVERY_MS, () => {
      this.#timer = undefined;
      const next = this.#next;
      [this.#next, this.#urgent] = [undefined, false];
      if (next !== undefined) this.warn(next);
    });
  }
}

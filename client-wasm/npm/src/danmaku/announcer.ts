/** Lines for screen readers: a live region that says the newest line now and then, never all of them. */

import type { Lifetime } from '../internal/lifetime.js';

/** Between two lines: a reader speaks about three words a second. */
const SAY_EVERY_MS = 2_000;

export class Announcer {
  readonly #region = document.createElement('div');
  readonly #lifetime: Lifetime;
  #next: string | undefined;
  #speaking = false;

  constructor(box: HTMLElement, lifetime: Lifetime) {
    this.#lifetime = lifetime;
    this.#region.setAttribute('role', 'log');
    this.#region.setAttribute('aria-live', 'polite');
    this.#region.setAttribute('aria-label', 'Comments');
    // Seen by nobody, heard by those who listen: `hidden` would silence it.
    this.#region.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';
    box.append(this.#region);
    lifetime.onEnd(() => { this.#region.remove(); });
  }

  /** Says a line, or keeps it for when the one before has been said. */
  say(name: string | undefined, text: string): void {
    this.#next = name === undefined ? text : `${name}: ${text}`;
    if (!this.#speaking) this.#speak();
  }

  #speak(): void {
    this.#speaking = this.#next !== undefined;
    if (this.#next === undefined) return;
    this.#region.textContent = this.#next;
    this.#next = undefined;
    this.#lifetime.after(SAY_EVERY_MS, () => { this.#speak(); });
  }
}

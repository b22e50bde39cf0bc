/** Lines for screen readers: a live region that says a line now and then, never all of them. */

import type { Lifetime } from '../internal/lifetime.js';

export class Announcer {
  readonly #region = document.createElement('div');

  constructor(box: HTMLElement, lifetime: Lifetime) {
    this.#region.setAttribute('role', 'log');
    this.#region.setAttribute('aria-live', 'polite');
    this.#region.setAttribute('aria-label', 'Comments');
    // Seen by nobody, heard by those who listen: `hidden` would silence it.
    this.#region.style.cssText = 'position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap';
    box.append(this.#region);
    lifetime.onEnd(() => { this.#region.remove(); });
  }

  say(text: string): void {
    this.#region.textContent = text;
  }
}

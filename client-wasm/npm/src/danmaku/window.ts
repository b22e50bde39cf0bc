/**
 * The window that the box is in: its size, its screen, and whether anybody looks. The box may move to another one while it
 * lives, as with picture-in-picture for documents.
 */

import type { Lifetime } from '../internal/lifetime.js';

/** What has to be done when something of it changes. */
export interface Deeds {
  /** Another size, or another screen. */
  fit(): void;
  /** Somebody looks, or no longer. */
  see(): void;
}

export class Window {
  readonly #box: HTMLElement;
  readonly #deeds: Deeds;
  #document: Document | undefined;
  #leave: (() => void)[] = [];

  constructor(box: HTMLElement, lifetime: Lifetime, deeds: Deeds) {
    this.#box = box;
    this.#deeds = deeds;
    const sizes = new ResizeObserver(() => { this.#arrive(); });
    sizes.observe(box);
    lifetime.onEnd(() => { sizes.disconnect(); });
    lifetime.onEnd(() => { this.#left(); });
    this.#enter();
  }

  /** Device pixels in a pixel of the page. */
  get ratio(): number {
    return this.#view.devicePixelRatio || 1;
  }

  get hidden(): boolean {
    return this.#box.ownerDocument.hidden;
  }

  get #view(): typeof globalThis {
    return (this.#box.ownerDocument.defaultView ?? globalThis) as typeof globalThis;
  }

  #arrive(): void {
    if (this.#box.ownerDocument !== this.#document) {
      this.#enter();
      this.#deeds.see();
    }
    this.#deeds.fit();
  }

  #enter(): void {
    this.#left();
    const view = this.#view;
    this.#document = this.#box.ownerDocument;
    this.#listen(this.#document, 'visibilitychange', () => { this.#deeds.see(); });
    // A query holds for one ratio only: the next one is asked for when it no longer does.
    this.#listen(view.matchMedia(`(resolution: ${String(view.devicePixelRatio)}dppx)`), 'change', () => {
      this.#enter();
      this.#deeds.fit();
    });
  }

  #listen(target: EventTarget, name: string, act: () => void): void {
    target.addEventListener(name, act);
    this.#leave.push(() => { target.removeEventListener(name, act); });
  }

  #left(): void {
    for (const leave of this.#leave.splice(0)) leave();
  }
}

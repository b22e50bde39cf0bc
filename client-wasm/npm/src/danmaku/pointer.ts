/**
 * The viewer's pointer over the lines: what is under it is asked as it moves, because the painter answers later than a click
 * waits. A click on a line is the line's, and not the picture's below it.
 */

import type { Lifetime } from '../internal/lifetime.js';
import type { Line } from './types.js';

/** What was under the pointer, and where that was. */
interface Under {
  readonly line: Line;
  readonly x: number;
  readonly y: number;
}

/** How far a pointer may have moved since the answer, in pixels. */
const NEAR_PX = 24;
/** Of these the pointer is over the control, not over a line. */
const CONTROLS = 'a, button, input, select, textarea, [role=menu], [role=dialog], [data-shoal-over]';

export class Pointer {
  readonly #box: HTMLElement;
  readonly #target: HTMLElement;
  readonly #hit: (x: number, y: number) => Promise<Line | null>;
  #under: Under | undefined;
  #asking = false;

  constructor(
    box: HTMLElement,
    target: HTMLElement,
    lifetime: Lifetime,
    hit: (x: number, y: number) => Promise<Line | null>,
    clicked: (line: Line, x: number, y: number) => void,
  ) {
    this.#box = box;
    this.#target = target;
    this.#hit = hit;
    for (const name of ['pointermove', 'pointerdown']) {
      lifetime.listen(target, name, (event) => { void this.#look(event as PointerEvent); }, { passive: true });
    }
    lifetime.listen(target, 'pointerleave', () => { this.#see(undefined); });
    lifetime.onEnd(() => { this.#see(undefined); });
    lifetime.listen(target, 'click', (event) => {
      const at = this.#at(event as MouseEvent);
      if (at === null) return;
      const under = this.#under;
      if (under !== undefined && Math.hypot(under.x - at.x, under.y - at.y) <= NEAR_PX) {
        event.stopImmediatePropagation();
        event.preventDefault();
        clicked(under.line, at.x, at.y);
        return;
      }
      void this.#hit(at.x, at.y).then((line) => { if (line !== null) clicked(line, at.x, at.y); });
    }, { capture: true });
  }

  async #look(event: PointerEvent): Promise<void> {
    const at = this.#at(event);
    if (at === null || this.#asking) return;
    this.#asking = true;
    const line = await this.#hit(at.x, at.y);
    this.#asking = false;
    this.#see(line === null ? undefined : { line, ...at });
  }

  #see(under: Under | undefined): void {
    if ((under === undefined) !== (this.#under === undefined)) this.#target.style.cursor = under === undefined ? '' : 'pointer';
    this.#under = under;
  }

  /** Where in the box; `null` where that is nothing of ours. */
  #at(event: MouseEvent): { readonly x: number; readonly y: number } | null {
    const over = event.composedPath().find((one) => one instanceof Element && (one === this.#target || one.matches(CONTROLS)));
    if (over !== this.#target) return null;
    const { left, top } = this.#box.getBoundingClientRect();
    const [x, y] = [Math.floor(event.clientX - left), Math.floor(event.clientY - top)];
    return x < 0 || y < 0 ? null : { x, y };
  }
}

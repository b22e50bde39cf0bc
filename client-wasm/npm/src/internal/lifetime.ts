/** Timers and listeners that end with their owner, and are counted while they live. */

/** Everything that an owner has asked the page to call back. */
export class Lifetime {
  readonly #timers = new Set<number>();
  readonly #undo = new Set<() => void>();

  get timers(): number {
    return this.#timers.size;
  }

  get listeners(): number {
    return this.#undo.size;
  }

  /** Calls `act` once, after so many milliseconds. */
  after(ms: number, act: () => void): number {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms) as unknown as number;
    this.#timers.add(timer);
    return timer;
  }

  /** Calls `act` every so many milliseconds. */
  every(ms: number, act: () => void): number {
    const timer = setInterval(act, ms) as unknown as number;
    this.#timers.add(timer);
    return timer;
  }

  /** Forgets a timer of either kind. */
  cancel(timer: number | undefined): void {
    if (timer === undefined) return;
    this.#timers.delete(timer);
    clearTimeout(timer);
    clearInterval(timer);
  }

  /** Listens until the end, or until the returned function is called. */
  listen(target: EventTarget, type: string, act: (event: Event) => void, options?: AddEventListenerOptions): () => void {
    target.addEventListener(type, act, options);
    return this.onEnd(() => {
      target.removeEventListener(type, act, options);
    });
  }

  /** Calls `undo` at the end, or when the returned function is called; once. */
  onEnd(undo: () => void): () => void {
    const once = (): void => {
      if (this.#undo.delete(once)) undo();
    };
    this.#undo.add(once);
    return once;
  }

  /** Ends it all. */
  end(): void {
    for (const timer of [...this.#timers]) this.cancel(timer);
    for (const undo of [...this.#undo]) undo();
  }
}

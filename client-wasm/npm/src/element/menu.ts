/** The quality menu: automatic, or one level; loaded where there is a choice, and hidden where there is none any more. */

import type Hls from 'hls.js';
import type { Playback } from './playback.js';

/** Listens for as long as the controls are there. */
type Listen = (target: EventTarget, type: string, act: (event: Event) => void) => void;

export class QualityMenu {
  readonly #place: HTMLElement;
  readonly #button: HTMLElement;
  readonly #menu: HTMLElement;
  readonly #playback: Playback;

  constructor(place: HTMLElement, button: HTMLElement, menu: HTMLElement, playback: Playback, listen: Listen) {
    this.#place = place;
    this.#button = button;
    this.#menu = menu;
    this.#playback = playback;
    listen(button, 'click', () => { this.#toggle(!this.open); });
    listen(menu, 'click', (event) => { this.#choose(event.target); });
    listen(place, 'keydown', (event) => { this.#onKey(event as KeyboardEvent); });
    listen(place, 'focusout', (event) => {
      if (!place.contains((event as FocusEvent).relatedTarget as Node | null)) this.#toggle(false);
    });
    this.fill();
  }

  get open(): boolean {
    return !this.#menu.hidden;
  }

  /** Shows the levels that there are. */
  fill(): void {
    const hls = this.#playback.hls;
    const levels = hls?.levels ?? [];
    this.#place.hidden = levels.length < 2;
    if (hls === undefined || levels.length < 2) return;
    const current = levels[hls.currentLevel];
    const auto = hls.autoLevelEnabled;
    const automatic = auto && current !== undefined ? `Auto (${levelName(current)})` : 'Auto';
    const ordered = levels.map((level, place) => ({ name: levelName(level), place })).reverse();
    this.#menu.replaceChildren(
      item(automatic, -1, auto),
      ...ordered.map(({ name, place }) => item(name, place, !auto && place === hls.manualLevel)),
    );
  }

  #toggle(open: boolean): void {
    if (open) this.fill();
    this.#menu.hidden = !open;
    this.#button.setAttribute('aria-expanded', String(open));
    if (open) this.#menu.querySelector<HTMLElement>('[aria-checked=true]')?.focus();
  }

  #choose(target: EventTarget | null): void {
    const place = (target as HTMLElement | null)?.dataset['level'];
    const hls = this.#playback.hls;
    if (place === undefined || hls === undefined) return;
    // What is buffered plays on: a switch that throws it away would wait for a segment that nobody near has.
    hls.loadLevel = Number(place);
    this.#toggle(false);
    this.#button.focus();
  }

  #onKey(event: KeyboardEvent): void {
    if (!this.open) return;
    const items = [...this.#menu.querySelectorAll<HTMLElement>('button')];
    const at = items.indexOf(event.target as HTMLElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) items[(at + step + items.length) % items.length]?.focus();
    else if (event.key === 'Escape') this.#toggle(false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

function levelName(level: Hls['levels'][number]): string {
  return level.height > 0 ? `${String(level.height)}p` : level.name !== '' ? level.name : `${String(Math.round(level.bitrate / 1_000))} kbit/s`;
}

function item(name: string, place: number, checked: boolean): HTMLElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('role', 'menuitemradio');
  button.setAttribute('aria-checked', String(checked));
  button.dataset['level'] = String(place);
  button.textContent = name;
  return button;
}

/** The viewer's choices as a page has them: one place that the layer, the list and the panel follow; kept between visits. */

import { Emitter } from '../internal/emitter.js';
import { exported, withFile } from './settings-file.js';
import { DEFAULTS, changed, keepSettings, keptSettings } from './settings.js';
import type { Choices, Settings, SettingsChange } from './types.js';

/**
 * The choices that are kept under a name in the page's storage, and the same in every tab of the site; without a name they
 * last as long as the page.
 */
export function openChoices(name?: string): Choices {
  return new Kept(name);
}

class Kept implements Choices {
  readonly #name: string | undefined;
  readonly #events = new Emitter<{ settings: Settings }>();
  #settings: Settings;

  constructor(name: string | undefined) {
    this.#name = name;
    this.#settings = this.#read();
    if (name !== undefined) globalThis.addEventListener('storage', this.#onStorage);
  }

  get settings(): Settings {
    return this.#settings;
  }

  change(change: SettingsChange): readonly string[] {
    const wrong: string[] = [];
    this.#set(changed(this.#settings, change, (text) => { wrong.push(text); }));
    return wrong;
  }

  reset(): void {
    const { words, people, expressions } = this.#settings;
    this.#set({ ...DEFAULTS, words, people, expressions });
  }

  exported(): string {
    return exported(this.#settings);
  }

  take(file: string): readonly string[] {
    const wrong: string[] = [];
    this.#set(withFile(this.#settings, file, (text) => { wrong.push(text); }));
    return wrong;
  }

  on(name: 'settings', listener: (settings: Settings) => void): () => void {
    return this.#events.on(name, listener);
  }

  destroy(): void {
    globalThis.removeEventListener('storage', this.#onStorage);
    this.#events.clear();
  }

  #set(settings: Settings): void {
    this.#settings = settings;
    if (this.#name !== undefined) keepSettings(this.#name, settings);
    this.#events.emit('settings', settings);
  }

  #read(): Settings {
    return this.#name === undefined ? DEFAULTS : keptSettings(this.#name, (text) => { console.warn(`@shoal/player/danmaku: ${text}`); });
  }

  readonly #onStorage = ({ key }: StorageEvent): void => {
    if (key !== this.#name && key !== null) return;
    this.#settings = this.#read();
    this.#events.emit('settings', this.#settings);
  };
}

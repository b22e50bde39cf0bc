/** `<shoal-comment-settings>`: everything that a viewer may choose about comments, and what became of the lines. */

import { LISTS, RANGES } from '../danmaku/settings.js';
import { SettingsFileError } from '../danmaku/settings-file.js';
import type { Choices, Counts, Danmaku, Person, Settings } from '../danmaku/types.js';
import { Lifetime } from '../internal/lifetime.js';
import { find, iconButton, make, upgrade, write } from './dom.js';
import { PANEL } from './style.js';

/** How often the counts are asked for while the panel is seen. */
const COUNT_EVERY_MS = 1_000;
/** Entries of a list that are shown; a longer one is searched by what is typed. */
const CHIPS_MAX = 60;
const FILE_NAME = 'comment-settings.json';

const SWITCHES = [
  ['scroll', 'Scrolling lines'], ['top', 'Lines at the top'], ['bottom', 'Lines at the bottom'], ['paid', 'Gifts and paid lines'],
  ['colors', 'Colours'], ['merge', 'Merge repeats'],
] as const;

/** A slider, and how its value reads. */
interface Slider {
  readonly name: keyof typeof RANGES;
  readonly label: string;
  readonly step: number;
  readonly read: (value: number) => string;
}

const percent = (value: number): string => `${String(Math.round(value * 100))} %`;
const SLIDERS: readonly Slider[] = [
  { name: 'opacity', label: 'Opacity', step: 0.05, read: percent },
  { name: 'size', label: 'Size', step: 0.05, read: percent },
  { name: 'speed', label: 'Speed', step: 0.05, read: (value) => `${String(Math.round(value * 100) / 100)}×` },
  { name: 'area', label: 'Area', step: 0.05, read: percent },
  { name: 'density', label: 'At once', step: 1, read: String },
];
const FONTS = [
  ['system-ui, sans-serif', 'System'], ['"Noto Sans", "Noto Sans CJK SC", sans-serif', 'Sans serif'], ['"Noto Serif", "Noto Serif CJK SC", serif', 'Serif'],
  ['ui-rounded, "SF Pro Rounded", system-ui, sans-serif', 'Rounded'], ['ui-monospace, monospace', 'Monospaced'],
] as const;
const BLOCKED = [
  ['words', 'Words', 'A word to block'], ['expressions', 'Expressions', 'A regular expression, such as ^\\d+$'], ['people', 'People', ''],
] as const;

const TEMPLATE = `
<header><h2 id="title">Comment settings</h2></header>
<div id="scroll">
  <section id="main"></section>
  <section id="sliders" aria-label="Looks"></section>
  <section id="switches" aria-label="Kinds"></section>
  <section id="blocked" aria-label="Blocked"></section>
  <section>
    <div class="foot">
      <button type="button" class="text" id="export">Save to file</button>
      <button type="button" class="text" id="import">Load file…</button>
      <button type="button" class="text" id="reset">Reset</button>
    </div>
    <input type="file" id="file" accept="application/json,.json" hidden>
    <p id="said" role="status"></p>
    <p id="counts"></p>
  </section>
</div>`;

export class ShoalCommentSettings extends HTMLElement {
  readonly #root: ShadowRoot;
  #lifetime = new Lifetime();
  #choices: Choices | null = null;
  #danmaku: Danmaku | null = null;

  constructor() {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.innerHTML = `<style>${PANEL}</style>${TEMPLATE}`;
    this.#build();
  }

  /** The choices that are shown and changed. */
  get choices(): Choices | null {
    return this.#choices;
  }

  set choices(choices: Choices | null) {
    this.#choices = choices;
    this.#follow();
  }

  /** The layer whose counts are shown; without one there are none. */
  get danmaku(): Danmaku | null {
    return this.#danmaku;
  }

  set danmaku(danmaku: Danmaku | null) {
    this.#danmaku = danmaku;
    this.#follow();
  }

  connectedCallback(): void {
    upgrade(this, 'choices', 'danmaku');
    this.#follow();
  }

  disconnectedCallback(): void {
    this.#lifetime.end();
  }

  /** Puts a button to close it into its head. */
  closable(close: () => void): void {
    const button = iconButton('close', 'Close the settings', { id: 'close' });
    button.addEventListener('click', close);
    find(this.#root, 'header').append(button);
  }

  override focus(): void {
    find<HTMLElement>(this.#root, '#scroll input').focus();
  }

  #follow(): void {
    this.#lifetime.end();
    this.#lifetime = new Lifetime();
    const [choices, danmaku] = [this.#choices, this.#danmaku];
    if (!this.isConnected || choices === null) return;
    this.#lifetime.onEnd(choices.on('settings', (settings) => { this.#show(settings); }));
    this.#show(choices.settings);
    write(find(this.#root, '#counts'), '');
    if (danmaku === null) return;
    const count = (): void => { void danmaku.counts().then((counts) => { write(find(this.#root, '#counts'), inWords(counts)); }); };
    count();
    this.#lifetime.every(COUNT_EVERY_MS, () => { if (!document.hidden && this.offsetParent !== null) count(); });
  }

  #change(change: Parameters<Choices['change']>[0]): readonly string[] {
    return this.#choices?.change(change) ?? [];
  }

  #build(): void {
    find(this.#root, '#main').append(this.#switch('on', 'Comments over the picture'));
    find(this.#root, '#sliders').append(...SLIDERS.map((slider) => this.#slider(slider)), this.#fonts());
    find(this.#root, '#switches').append(...SWITCHES.map(([name, label]) => this.#switch(name, label)));
    find(this.#root, '#blocked').append(...BLOCKED.map(([name, label, hint]) => this.#list(name, label, hint)));
    find(this.#root, '#export').addEventListener('click', () => { this.#export(); });
    find(this.#root, '#import').addEventListener('click', () => { find(this.#root, '#file').click(); });
    find(this.#root, '#file').addEventListener('change', () => { void this.#import(); });
    find(this.#root, '#reset').addEventListener('click', () => {
      this.#choices?.reset();
      this.#say('Everything is as it was at first. What you block stays blocked.', false);
    });
  }

  #switch(name: 'on' | (typeof SWITCHES)[number][0], label: string): HTMLElement {
    const input = make('input', { type: 'checkbox', role: 'switch', name });
    input.addEventListener('change', () => { this.#change({ [name]: input.checked }); });
    return make('label', { class: 'switch' }, make('span', {}, label), input);
  }

  #slider({ name, label, step, read }: Slider): HTMLElement {
    const [min, max] = RANGES[name];
    const input = make('input', { type: 'range', name, min: String(min), max: String(max), step: String(step), 'aria-label': label });
    input.addEventListener('input', () => { this.#change({ [name]: Number(input.value) }); });
    // The slider says its value by itself.
    const output = make('output', { 'aria-hidden': 'true' });
    input.addEventListener('shown', () => {
      output.textContent = read(Number(input.value));
      input.setAttribute('aria-valuetext', output.textContent);
    });
    return make('div', { class: 'slider' }, make('span', { 'aria-hidden': 'true' }, label), input, output);
  }

  #fonts(): HTMLElement {
    const select = make('select', { name: 'font', 'aria-label': 'Font' });
    for (const [value, label] of FONTS) select.append(make('option', { value }, label));
    select.addEventListener('change', () => { this.#change({ font: select.value }); });
    return make('div', { class: 'choice' }, make('span', { 'aria-hidden': 'true' }, 'Font'), select);
  }

  #list(name: (typeof BLOCKED)[number][0], label: string, hint: string): HTMLElement {
    const group = make('div', { class: 'group', role: 'group', 'aria-label': `Blocked ${label.toLowerCase()}`, 'data-list': name });
    group.append(make('h3', {}, label));
    if (name !== 'people') group.append(this.#adder(name, hint));
    group.append(make('ul', { class: 'chips' }), make('p', { class: 'none' }, name === 'people' ? 'Click a line to block who said it.' : 'None yet.'));
    return group;
  }

  #adder(name: 'words' | 'expressions', hint: string): HTMLElement {
    const field = make('input', { placeholder: hint, 'aria-label': hint, autocomplete: 'off', spellcheck: 'false' });
    const form = make('form', { class: 'add', 'aria-label': hint }, field, make('button', { type: 'submit', class: 'text' }, 'Block'));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const value = field.value.trim();
      if (value === '') return;
      const before = this.#choices?.settings[name] ?? [];
      const wrong = this.#change({ [name]: [...before, value] });
      field.setAttribute('aria-invalid', String(wrong.length > 0));
      if (wrong.length > 0) this.#say(this.#choices?.settings[name].length === LISTS[name].most ? 'The list is full.' : `Not taken: it must be ${LISTS[name].words}.`, true);
      else {
        field.value = '';
        this.#say(`Blocked: ${value}`, false);
      }
    });
    return form;
  }

  #show(settings: Settings): void {
    for (const input of this.#root.querySelectorAll<HTMLInputElement>('[type=checkbox]')) input.checked = Boolean(settings[input.name as keyof Settings]);
    for (const input of this.#root.querySelectorAll<HTMLInputElement>('[type=range]')) {
      input.value = String(settings[input.name as keyof Settings]);
      input.dispatchEvent(new Event('shown'));
    }
    this.#showFont(settings.font);
    for (const [name] of BLOCKED) this.#showList(name, settings[name]);
  }

  /** A font that a page or a file has chosen is one more to choose from. */
  #showFont(font: string): void {
    const select = find<HTMLSelectElement>(this.#root, 'select');
    if (![...select.options].some(({ value }) => value === font)) select.append(make('option', { value: font }, 'Other'));
    select.value = font;
  }

  #showList(name: (typeof BLOCKED)[number][0], values: readonly (string | Person)[]): void {
    const group = find(this.#root, `[data-list=${name}]`);
    const shown = values.slice(-CHIPS_MAX).reverse();
    const chips = shown.map((value) => {
      const label = typeof value === 'string' ? value : value.name === '' ? `No. ${String(value.id)}` : value.name;
      const remove = iconButton('close', `No longer block ${label}`);
      remove.addEventListener('click', () => {
        this.#change({ [name]: (this.#choices?.settings[name] ?? []).filter((one) => idOf(one) !== idOf(value)) });
        (group.querySelector<HTMLElement>('.chips button') ?? group.querySelector<HTMLElement>('input') ?? find(this.#root, '#export')).focus();
        this.#say(`No longer blocked: ${label}`, false);
      });
      return make('li', {}, make('bdi', {}, label), remove);
    });
    find(group, '.chips').replaceChildren(...chips);
    const more = values.length - shown.length;
    if (more > 0) find(group, '.chips').append(make('li', {}, `and ${String(more)} more`));
    find(group, '.none').hidden = values.length > 0;
  }

  #export(): void {
    if (this.#choices === null) return;
    const url = URL.createObjectURL(new Blob([this.#choices.exported()], { type: 'application/json' }));
    make('a', { href: url, download: FILE_NAME }).click();
    // The browser has the file's address by the next turn.
    setTimeout(() => { URL.revokeObjectURL(url); });
  }

  async #import(): Promise<void> {
    const input = find<HTMLInputElement>(this.#root, '#file');
    const file = input.files?.[0];
    input.value = '';
    if (file === undefined || this.#choices === null) return;
    try {
      const wrong = this.#choices.take(await file.text());
      this.#say(wrong.length === 0 ? 'The file is loaded.' : `The file is loaded; left out: ${wrong.join('; ')}.`, false);
    } catch (cause) {
      this.#say(cause instanceof SettingsFileError ? cause.message : 'The file cannot be read.', true);
    }
  }

  #say(text: string, bad: boolean): void {
    const said = find(this.#root, '#said');
    write(said, text);
    said.dataset['bad'] = String(bad);
  }
}

function idOf(value: string | Person): string | number {
  return typeof value === 'string' ? value : value.id;
}

/** What became of the lines, for the curious. */
function inWords({ taken, shown, waiting, dropped }: Counts): string {
  const sum = (of: (reasons: Counts['dropped']['chat']) => number): number => Object.values(dropped).reduce((total, reasons) => total + of(reasons), 0);
  const full = sum(({ full, crowded }) => full + crowded);
  const blocked = sum((reasons) => reasons.blocked);
  const merged = sum((reasons) => reasons.merged);
  const others = taken - shown - waiting - full - blocked - merged;
  const parts = [[full, 'had no room'], [blocked, 'blocked'], [merged, 'merged'], [others, 'switched off, late or taken back']] as const;
  const left = parts.filter(([count]) => count > 0).map(([count, why]) => `${count.toLocaleString('en')} ${why}`);
  return taken === 0 ? '' : `Of ${taken.toLocaleString('en')} lines ${shown.toLocaleString('en')} were shown${left.length === 0 ? '' : `; ${left.join(', ')}`}.`;
}

declare global {
  interface HTMLElementTagNameMap {
    'shoal-comment-settings': ShoalCommentSettings;
  }
}

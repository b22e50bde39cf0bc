/** The box to speak in: text with its count, colour and place, an answer to somebody, the wait until the next line. */

import type { Lifetime } from '../internal/lifetime.js';
import type { Refusal, SendOptions } from '../room/types.js';
import { find, make, write } from './dom.js';
import { duration, inWords } from './refusals.js';

/** What the box asks of whoever owns it. */
export interface ComposeDeeds {
  /** Says it; what becomes of it is told by the list. */
  send(text: string, options: SendOptions): void;
  /** When the next line may be said (`performance.now()`). */
  nextSendAtMs(): number;
}

/** As Bilibili's players offer them: to be read over any picture. */
const COLORS = [
  ['#ffffff', 'White'], ['#ff6b6b', 'Red'], ['#ff9f43', 'Orange'], ['#ffd93d', 'Yellow'], ['#6bdb7b', 'Green'],
  ['#4fc3f7', 'Blue'], ['#b388ff', 'Purple'], ['#ff8ac4', 'Pink'],
] as const;
const PLACES = [['scroll', 'Scroll'], ['top', 'Top'], ['bottom', 'Bottom']] as const;
/** The count is told from here on: before, nobody needs it. */
const COUNT_FROM = 0.5;
/** How often a wait is written anew. */
const TICK_MS = 250;

export class Compose {
  readonly #form: HTMLFormElement;
  readonly #field: HTMLInputElement;
  readonly #send: HTMLButtonElement;
  readonly #hint: HTMLElement;
  readonly #deeds: ComposeDeeds;
  readonly #lifetime: Lifetime;
  #limit = 100;
  #reply: { readonly name: string } | undefined;
  #ticking: number | undefined;
  #closed = '';

  constructor(root: ParentNode, lifetime: Lifetime, deeds: ComposeDeeds) {
    this.#form = find(root, '#compose');
    this.#field = find(root, '#text');
    this.#send = find(root, '#send');
    this.#hint = find(root, '#hint');
    this.#deeds = deeds;
    this.#lifetime = lifetime;
    this.#fillLooks();
    lifetime.listen(this.#form, 'submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    lifetime.listen(this.#field, 'input', () => { this.#show(); });
    lifetime.listen(this.#field, 'keydown', (event) => { this.#onKey(event as KeyboardEvent); });
    lifetime.listen(find(this.#form, '#look'), 'click', () => { this.#toggleLooks(); });
    lifetime.listen(find(this.#form, '#looks'), 'change', () => { this.#showLook(); });
    lifetime.listen(find(this.#form, '#unreply'), 'click', () => { this.reply(null); });
    this.#showLook();
    this.#show();
  }

  /** Characters that the room takes, as it counts them. */
  set limit(limit: number) {
    this.#limit = limit;
    this.#show();
  }

  /** Nobody like this viewer speaks here now, and why; empty where they may. */
  set closed(why: string) {
    this.#closed = why;
    this.#show();
  }

  /** Begins an answer; `null` takes it back. */
  reply(to: { readonly name: string } | null): void {
    this.#reply = to ?? undefined;
    find(this.#form, '#reply').hidden = to === null;
    write(find(this.#form, '#reply span'), to === null ? '' : `Replying to ${to.name}`);
    this.#show();
    this.#field.focus();
  }

  /** Puts a line back to be changed; what was begun meanwhile is not lost. */
  edit(text: string): void {
    this.#field.value = `${text} ${this.#field.value}`.trim();
    this.#field.focus();
    this.#show();
  }

  /** Something was refused, or is waited for. */
  tell(refusal: Refusal | null): void {
    write(this.#hint, refusal === null ? '' : inWords({ ...refusal, retryAfterMs: null }));
    this.#hint.dataset['bad'] = String(refusal !== null);
    this.#show();
  }

  #submit(): void {
    const text = this.#field.value.trim();
    if (text === '' || this.#isOver() || this.#waitMs() > 0 || this.#closed !== '') {
      this.#show();
      return;
    }
    const options: SendOptions = {
      color: this.#chosen('color'),
      kind: this.#chosen('place') as 'scroll' | 'top' | 'bottom',
      ...(this.#reply === undefined ? {} : { replyTo: this.#reply }),
    };
    this.#field.value = '';
    if (this.#reply !== undefined) this.reply(null);
    this.tell(null);
    this.#deeds.send(text, options);
    this.#show();
  }

  #onKey(event: KeyboardEvent): void {
    // Enter ends a word of an input method before it sends a line.
    if (event.key === 'Enter' && event.isComposing) event.stopPropagation();
    if (event.key === 'Escape' && this.#reply !== undefined) this.reply(null);
  }

  /** As the room counts: in code points, so that a family of people is seven. What counts here is what is refused there. */
  #length(): number {
    const said = this.#reply === undefined ? this.#field.value : `@${this.#reply.name} ${this.#field.value}`;
    return [...said.trim()].length;
  }

  #isOver(): boolean {
    return this.#length() > this.#limit;
  }

  #waitMs(): number {
    return Math.max(0, this.#deeds.nextSendAtMs() - performance.now());
  }

  #show(): void {
    const [over, wait, length] = [this.#isOver(), this.#waitMs(), this.#length()];
    const count = find(this.#form, '#count');
    write(count, this.#count(length, over));
    count.dataset['over'] = String(over);
    find(this.#form, '.field').dataset['over'] = String(over);
    this.#field.setAttribute('aria-invalid', String(over));
    this.#field.disabled = this.#closed !== '';
    this.#field.placeholder = this.#closed === '' ? 'Say something' : this.#closed;
    const can = length > 0 && !over && wait === 0 && this.#closed === '';
    // Not `disabled`: who presses it is told why, and a keyboard does not lose its place.
    this.#send.setAttribute('aria-disabled', String(!can));
    this.#showWait(wait);
  }

  #count(length: number, over: boolean): string {
    if (length < this.#limit * COUNT_FROM) return '';
    return over ? `${String(length - this.#limit)} too many` : `${String(length)} / ${String(this.#limit)}`;
  }

  #showWait(wait: number): void {
    const waiting = wait > 0;
    const label = waiting ? `You can send again in ${duration(wait)}` : 'Send';
    if (this.#send.getAttribute('aria-label') !== label) this.#send.setAttribute('aria-label', label);
    this.#send.toggleAttribute('data-wait', waiting);
    write(find(this.#send, 'span'), waiting ? duration(wait) : '');
    find(this.#send, 'svg').toggleAttribute('hidden', waiting);
    if (!waiting) {
      this.#lifetime.cancel(this.#ticking);
      this.#ticking = undefined;
    } else {
      this.#ticking ??= this.#lifetime.every(TICK_MS, () => { this.#show(); });
    }
  }

  #fillLooks(): void {
    const colors = COLORS.map(([value, name], at) => {
      const dot = make('i');
      dot.style.background = value;
      return make('label', { class: 'swatch', title: name }, radio('color', value, name, at === 0), dot);
    });
    const places = PLACES.map(([value, name], at) => make('label', { class: 'place' }, radio('place', value, name, at === 0), make('span', {}, name)));
    // The form stays when what drives it is made anew, for another room.
    for (const label of this.#form.querySelectorAll('#looks label')) label.remove();
    find(this.#form, '#colors').append(...colors);
    find(this.#form, '#places').append(...places);
  }

  #toggleLooks(): void {
    const looks = find(this.#form, '#looks');
    looks.hidden = !looks.hidden;
    find(this.#form, '#look').setAttribute('aria-expanded', String(!looks.hidden));
  }

  #showLook(): void {
    find(this.#form, '#look .dot').style.background = this.#chosen('color');
  }

  #chosen(name: string): string {
    return find<HTMLInputElement>(this.#form, `[name=${name}]:checked`).value;
  }
}

function radio(name: string, value: string, label: string, checked: boolean): HTMLInputElement {
  const input = make('input', { type: 'radio', name, value, 'aria-label': label });
  input.defaultChecked = checked;
  return input;
}

/** The few steps that every part takes with elements. Text is set as text, never as markup. */

import { ICONS } from './icons.js';

/** A new element with attributes and what is in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Readonly<Record<string, string>> = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content);
  return element;
}

/** A button with a symbol, and a name for those who do not see it. */
export function iconButton(icon: keyof typeof ICONS, label: string, attributes: Readonly<Record<string, string>> = {}): HTMLButtonElement {
  const button = make('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, ...attributes });
  button.append(symbol(icon));
  return button;
}

export function symbol(name: keyof typeof ICONS): SVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

/** Writes text only where it differs: what is unchanged must not wake a screen reader. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** The element, which the template is written to have. */
export function find<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const element = root.querySelector<E>(selector);
  if (element === null) throw new Error(`the template lacks ${selector}`);
  return element;
}

/** Takes over what a page has set on an element before its class was there: else it would hide the class's own properties. */
export function upgrade<E extends HTMLElement>(element: E, ...names: readonly (keyof E & string)[]): void {
  for (const name of names) {
    if (!Object.hasOwn(element, name)) continue;
    const value = element[name];
    delete (element as Partial<E>)[name];
    element[name] = value;
  }
}

/** The few steps that every card takes with the page's elements. */

import { UNKNOWN } from './format.js';

/** The element, which the page is written to have. */
export function find<E extends Element = HTMLElement>(root: ParentNode, selector: string): E {
  const element = root.querySelector<E>(selector);
  if (element === null) throw new Error(`the page lacks ${selector}`);
  return element;
}

/** Writes text only where it differs: an unchanged figure must not wake a screen reader. */
export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Writes a figure, or the sign for what is not known yet. */
export function figure(element: HTMLElement, text: string | null): void {
  write(element, text ?? UNKNOWN);
  element.toggleAttribute('data-unknown', text === null);
}

/** A new element with a class and text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  if (text !== '') element.textContent = text;
  return element;
}

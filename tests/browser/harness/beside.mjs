/** A person at the page of list, settings and menus (`pages/beside.html`). */

import { until } from './wait.mjs';

const READY_MS = 60_000;

/** Opens the page; `query` names a real room, without it the room does what the test says. */
export async function besidePage({ open }, query = {}, options = {}) {
  const viewer = await open(`pages/beside.html?${new URLSearchParams(query)}`, options);
  return new Talk(viewer);
}

export class Talk {
  constructor(viewer) {
    this.viewer = viewer;
    this.page = viewer.page;
  }

  async ready() {
    await until('list and layer are there', () => this.page.evaluate(() => globalThis.danmaku !== undefined), READY_MS);
    return this;
  }

  /** Elements of the list, through its shadow. */
  find = (selector, options) => this.page.locator(`shoal-chat ${selector}`, options);

  /** The texts of the rows that are seen. */
  texts = () => this.page.evaluate(() =>
    [...globalThis.chat.shadowRoot.querySelectorAll('.row:not([hidden]) .words')].map((one) => one.textContent));

  /** What stands in the list, in order: texts of lines, and of what stands between them. */
  rows = () => this.page.evaluate(() =>
    [...globalThis.chat.shadowRoot.querySelectorAll('ol > li:not([hidden])')].map((one) => one.querySelector('.words')?.textContent ?? `(${one.textContent})`));

  /** Waits until so many lines are in the list. */
  has = (count) => until(`${count} lines are in the list`, async () => (await this.texts()).length === count, READY_MS);

  counts = () => this.page.evaluate(() => globalThis.danmaku.counts());

  /** Pixels of the layer that are not clear, and the columns between which they are. */
  ink = () => this.page.evaluate(() => {
    const canvas = document.querySelector('#box canvas');
    const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
    if (copy.width === 0 || copy.height === 0) return { pixels: 0, left: 0, right: 0, width: copy.width };
    const pen = copy.getContext('2d');
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, copy.width, copy.height);
    let [pixels, left, right] = [0, copy.width, 0];
    for (let at = 3; at < data.length; at += 4) {
      if (data[at] === 0) continue;
      const column = ((at - 3) / 4) % copy.width;
      pixels += 1;
      left = Math.min(left, column);
      right = Math.max(right, column);
    }
    return { pixels, left, right, width: copy.width };
  });

  /** What a screen reader is told there is to be used: role and name of each. */
  async controls() {
    const session = await this.page.context().newCDPSession(this.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    await session.detach();
    const used = ['button', 'switch', 'slider', 'textbox', 'combobox', 'radio', 'menuitem', 'log', 'dialog', 'form', 'menu'];
    const found = nodes.filter((node) => !node.ignored && used.includes(node.role?.value));
    return found.map(({ role, name }) => ({ role: role.value, name: name?.value ?? '' }));
  }
}

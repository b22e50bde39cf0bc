/**
 * What a case stands on: a running stack, a server for its pages, a browser of its own. All of it ends with the test.
 *
 * The stack is the run's own one where `run.mjs` started it; a case that stops publishers or breaks the origin asks for
 * one to itself.
 */

import { Chromium, PLAIN_HOST } from './chromium.mjs';
import { Firefox } from './firefox.mjs';
import { servePages } from './pages.mjs';
import { Stack } from './stack.mjs';

/**
 * @param {import('node:test').TestContext} t
 * @param {{ own?: import('./stack.mjs').StackOptions }} [options]
 */
export async function world(t, { own } = {}) {
  const endings = [];
  // Last started, first ended: viewers leave before the servers that they hold open.
  t.after(async () => {
    for (const end of endings.reverse()) await end();
  });
  const stack = await Stack.forCase(own);
  endings.push(() => stack.stop());
  const pages = await servePages();
  endings.push(() => pages.close());
  const chromium = await Chromium.launch();
  endings.push(() => chromium.close());
  return new World(endings, stack, pages, chromium);
}

class World {
  #endings;

  constructor(endings, stack, pages, chromium) {
    this.#endings = endings;
    this.stack = stack;
    this.pages = pages;
    this.chromium = chromium;
  }

  /** The address of the bare page with a player, whose attributes are given. */
  address = (attributes = {}, { host = 'localhost', page = 'pages/watch.html' } = {}) => {
    const query = new URLSearchParams({ src: this.stack.playlist, ...attributes });
    return `http://${host}:${this.pages.port}/${page}?${query}`;
  };

  /** A new viewer in Chromium, at the bare page. */
  watch = (attributes = {}, { host, page, ...open } = {}) =>
    this.chromium.open(this.address(attributes, { host, page }), open);

  /** A new viewer where the browser gives no `crypto.subtle`. */
  watchPlainHttp = (attributes = {}) => this.watch(attributes, { host: PLAIN_HOST });

  /** A new viewer at the shipped page. */
  demo = (query = '', open = {}) => this.chromium.open(`${this.stack.page}${query}`, open);

  /** Firefox, for the rest of the test. */
  firefox = async () => {
    const firefox = await Firefox.launch();
    this.#endings.push(() => firefox.close());
    return firefox;
  };

  /** Tabs of one browser as it comes; ends with the test. */
  tabs = async () => {
    const tabs = await Chromium.tabs();
    this.#endings.push(() => tabs.close());
    return tabs;
  };

  /** The address of a page of the cases. */
  pageOf = (page, query) => `${this.pages.origin}/${page}?${new URLSearchParams(query)}`;

  /** Something else that ends with the test. */
  ending = (end) => {
    this.#endings.push(end);
  };
}

/** A browser and the pages, without a stack: for what needs no stream. */
export async function alone(t) {
  const endings = [];
  t.after(async () => {
    for (const end of endings.reverse()) await end();
  });
  const pages = await servePages();
  endings.push(() => pages.close());
  const chromium = await Chromium.launch();
  endings.push(() => chromium.close());
  return {
    chromium,
    open: (page, options) => chromium.open(`${pages.origin}/${page}`, options),
    pageOf: (page, query) => `${pages.origin}/${page}?${new URLSearchParams(query)}`,
    ending: (end) => endings.push(end),
  };
}

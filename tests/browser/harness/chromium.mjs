/** Headless Chromium, and viewers in it: each a context of its own, with its own cache and storage. */

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

import { Viewer } from './viewer.mjs';

/** A host name that the browser maps to loopback and does not trust as it trusts `localhost`: no `crypto.subtle`. */
export const PLAIN_HOST = 'viewer.test';

const ARGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--mute-audio',
];
const RESOLVE = `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`;

/** What makes many people of one browser, where {@link Chromium.tabs} leaves it as it comes. */
const PEOPLE = [
  // Candidates with plain addresses: no multicast leaves the machine, and links open faster.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  // Every page is looked at: many contexts of one browser would be throttled as hidden windows.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** Flags of playwright's that keep pages alike: those in the background, and those that are gone back to. */
const TEST_ONLY = [
  '--disable-back-forward-cache',
  '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding', '--disable-background-timer-throttling',
];
const VIEWPORT = { width: 960, height: 640 };

/** The program of that name on the path, the first of several names. */
export function program(...names) {
  const places = (process.env.PATH ?? '').split(delimiter);
  const found = names.flatMap((name) => places.map((place) => join(place, name))).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`none of ${names.join(', ')} is on the path`);
  return found;
}

function installed() {
  return program('chromium', 'chromium-browser', 'google-chrome');
}

/** One browser process. */
export class Chromium {
  #browser;
  #context;

  static async launch({ args = [...ARGS, RESOLVE, ...PEOPLE], without = [], executablePath = installed() } = {}) {
    const browser = await chromium.launch({ executablePath, args, ignoreDefaultArgs: ['--headless', ...without] });
    return new Chromium(browser);
  }

  /** A browser in a viewer's own network. */
  static async at(home) {
    return Chromium.launch({ args: [...ARGS, ...home.browserArgs, ...PEOPLE], executablePath: home.wrapped(installed()) });
  }

  /** A browser as it comes, whose pages are tabs of one profile: they share its cache and its connections. */
  static async tabs() {
    const browser = await Chromium.launch({ args: [...ARGS, RESOLVE], without: TEST_ONLY });
    browser.#context = await browser.#browser.newContext({ viewport: VIEWPORT });
    return browser;
  }

  constructor(browser) {
    this.#browser = browser;
  }

  /**
   * Opens a page: a new person's, or a new tab where there are {@link tabs}.
   *
   * @param {string} url
   * @param {{ before?: string | Function, arg?: unknown }} [options] `before` runs in the page before any of its scripts
   */
  async open(url, { before, arg } = {}) {
    const context = this.#context ?? (await this.#browser.newContext({ viewport: VIEWPORT }));
    const page = await context.newPage();
    if (before !== undefined) await page.addInitScript(before, arg);
    const viewer = new Viewer(page, () => (context === this.#context ? page.close() : context.close()));
    await page.goto(url);
    return viewer;
  }

  async close() {
    await this.#browser.close();
  }
}

/** Headless Firefox by WebDriver BiDi. */

import puppeteer from 'puppeteer-core';

import { program } from './chromium.mjs';
import { Viewer } from './viewer.mjs';

const PREFERENCES = {
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  // Candidates with plain addresses, as in Chromium.
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.volume_scale': '0.0',
};

/** One browser process. */
export class Firefox {
  #browser;

  static async launch() {
    const executablePath = program('firefox-esr', 'firefox');
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      extraPrefsFirefox: PREFERENCES,
    });
    return new Firefox(browser);
  }

  constructor(browser) {
    this.#browser = browser;
  }

  /** Opens a page as a new person. */
  async open(url) {
    const context = await this.#browser.createBrowserContext();
    const page = await context.newPage();
    const viewer = new Viewer(page, () => context.close());
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    return viewer;
  }

  async close() {
    await this.#browser.close();
  }
}

/**
 * One person at one page, whatever the browser: what the test reads of the player, and what it does to the page.
 *
 * Reads through the element's public surface only: `session` and `state`, and the `<video>` for the picture.
 */

import { eventually, until } from './wait.mjs';

/** How long a page may take to its first picture on a busy machine of two cores. */
const FIRST_PICTURE_MS = 30_000;

/** Runs in the page. */
function read(what) {
  const player = document.querySelector('shoal-player');
  const session = player?.session ?? globalThis.shoalSession ?? null;
  const video = document.querySelector('video') ?? player?.shadowRoot?.querySelector('video') ?? null;
  switch (what) {
    case 'stats':
      return session?.stats() ?? null;
    case 'peers':
      return session?.peers() ?? [];
    case 'blocks':
      return session?.blocks() ?? [];
    case 'resources':
      return session?.resources() ?? null;
    case 'state':
      return player?.state ?? null;
    case 'picture':
      return video === null ? null : { at: video.currentTime, paused: video.paused, width: video.videoWidth };
    default:
      return null;
  }
}

/** One viewer. */
export class Viewer {
  /** Errors that the page did not catch. */
  errors = [];
  #close;

  /** @param {object} page a page of playwright or puppeteer @param {() => Promise<void>} close */
  constructor(page, close) {
    this.page = page;
    this.#close = close;
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  stats = () => this.page.evaluate(read, 'stats');
  peers = () => this.page.evaluate(read, 'peers');
  blocks = () => this.page.evaluate(read, 'blocks');
  resources = () => this.page.evaluate(read, 'resources');
  state = () => this.page.evaluate(read, 'state');
  picture = () => this.page.evaluate(read, 'picture');

  /** The text of an element of the page; empty where there is none. */
  text = (selector) => this.page.evaluate((css) => document.querySelector(css)?.textContent?.trim() ?? '', selector);

  /** How many elements of the page there are. */
  count = (selector) => this.page.evaluate((css) => document.querySelectorAll(css).length, selector);

  /** What the bare page kept of the session's events. */
  told = (name) => this.page.evaluate((only) => globalThis.told.filter((event) => event.name === only), name);

  /** How often the picture has stood still since its first frame (at the bare page). */
  stalls = () => this.page.evaluate(() => globalThis.observed.stalls);

  /** Waits for the picture to move on by `seconds` of the stream. */
  async plays(seconds, withinMs = FIRST_PICTURE_MS) {
    const first = await until('a picture', async () => {
      const picture = await this.picture();
      return picture !== null && picture.width > 0 ? picture : null;
    }, withinMs);
    await eventually(`the picture moves on by ${seconds} s`, this.picture, ({ at }) => at >= first.at + seconds,
      withinMs + seconds * 1_000);
  }

  /** Waits until the statistics hold. */
  async has(what, holds, withinMs) {
    return eventually(what, this.stats, (stats) => stats !== null && holds(stats), withinMs);
  }

  async close() {
    await this.#close();
  }
}

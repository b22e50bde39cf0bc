/** Somebody in a room, at the page `talk.html`: what its room told, and what its layer draws. */

import { until } from './wait.mjs';

/** How long a page may take into its room on a busy machine of two cores. */
const IN_MS = 30_000;

export class Talker {
  /** @param {import('./viewer.mjs').Viewer} viewer */
  constructor(viewer) {
    this.viewer = viewer;
    this.page = viewer.page;
  }

  /** Opens the page as the attributes say, and waits until its room is open. */
  static async open(world, attributes) {
    const talker = new Talker(await world.chromium.open(world.pageOf('pages/talk.html', attributes)));
    await talker.isIn();
    return talker;
  }

  isIn = () => until('the room is open', async () => (await this.state()).is === 'open', IN_MS);
  state = () => this.page.evaluate(() => globalThis.player?.comments?.room.state ?? { is: 'absent' });
  me = () => this.page.evaluate(() => player.comments.room.me);

  /** Says a line; what became of it. */
  say = (text, options = {}) => this.page.evaluate(([words, how]) => player.comments.room.send(words, how), [text, options]);

  /** Everything of this name that the room told. */
  told = (only) => this.page.evaluate((name) => told.filter((one) => one.name === name).map(({ event }) => event), only);

  /** The texts of the lines that came, in the order in which they came. */
  texts = async () => (await this.told('line')).map(({ text }) => text);

  /** The texts of the lines that the layer was given, in that order; `clearDrawn` forgets them. */
  drawn = () => this.page.evaluate(() => [...drawn]);
  clearDrawn = () => this.page.evaluate(() => drawn.splice(0));

  counts = () => this.page.evaluate(() => player.comments.danmaku.counts());

  /** Pixels of the layer that are not clear; a worker's canvas can be read by drawing it only. */
  inked = () =>
    this.page.evaluate(() => {
      const canvas = player.shadowRoot.querySelector('[part=comments] canvas');
      if (canvas === null || canvas.width === 0) return 0;
      const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
      const pen = copy.getContext('2d');
      pen.drawImage(canvas, 0, 0);
      const { data } = pen.getImageData(0, 0, copy.width, copy.height);
      let inked = 0;
      for (let at = 3; at < data.length; at += 4) if (data[at] !== 0) inked += 1;
      return inked;
    });

  /** Waits until something is drawn, or nothing. */
  draws = (something = true) =>
    until(something ? 'a line is drawn' : 'no line is drawn', async () => (await this.inked()) > 0 === something, IN_MS);

  /** Waits until a line with this text has come. */
  hears = (text) => until(`“${text}” is heard`, async () => (await this.texts()).includes(text), IN_MS);
}

/** A room without a picture needs no stack. */
export { IN_MS };

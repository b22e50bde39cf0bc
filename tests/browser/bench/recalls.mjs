/**
 * How long a line that a moderator takes back stays on screens: from the moderator's word until no pixel of it is left, at
 * every screen that shows it. Three people at three pages of one browser, so one clock tells all times.
 */

import { Edge } from '../harness/edge.mjs';
import { Talker } from '../harness/talker.mjs';
import { until } from '../harness/wait.mjs';

const SCREENS = 3;
/** Who says a line says one only, because a person's lines are bounded in each ten seconds. */
const FIRST_PERSON = 100;

/**
 * Milliseconds that each line stayed on each screen.
 *
 * @param {{ chromium: import('../harness/chromium.mjs').Chromium, pages: { origin: string }, count: number }} bench
 */
export async function recalls({ chromium, pages, count }) {
  const endings = [];
  const world = {
    chromium,
    pageOf: (page, query) => `${pages.origin}/${page}?${new URLSearchParams(query)}`,
    ending: (end) => endings.push(end),
  };
  try {
    const edge = await Edge.start(world);
    const token = await edge.token({ user: 9, name: 'moderator', role: 'moderator', rooms: ['live://1'] });
    const keeper = await Talker.open(world, { ...edge.attributes, 'comments-token': token });
    const screens = [keeper];
    while (screens.length < SCREENS) screens.push(await Talker.open(world, edge.attributes));
    await until('the keeper is known as one', async () => (await keeper.me())?.moderator === true, 20_000);
    // Lines stand still: only the recall takes one away.
    for (const { page } of screens) await page.evaluate(() => player.comments.danmaku.pause());
    const stayed = [];
    for (let at = 0; at < count; at += 1) stayed.push(...(await once(edge, screens, FIRST_PERSON + at)));
    for (const { page } of screens) await page.close();
    return stayed;
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** One line, from its coming to its going. */
async function once(edge, screens, user) {
  const [keeper] = screens;
  const person = await edge.token({ user, name: `person ${user}`, role: 'viewer', rooms: ['live://1'] });
  const id = await edge.say(person, `line of person ${user}`, { mode: 'top' });
  for (const screen of screens) await screen.draws();
  for (const { page } of screens) await page.evaluate(watch);
  const asked = await keeper.page.evaluate(async (line) => {
    const at = Date.now();
    const done = await player.comments.room.recall(line);
    if (!done.ok) throw new Error(done.refusal.code);
    return at;
  }, id);
  return Promise.all(screens.map(async ({ page }) => (await page.evaluate(() => globalThis.gone)) - asked));
}

/** In the page: looks at every frame whether anything of the layer is left, and keeps the moment when nothing is. */
function watch() {
  const canvas = player.shadowRoot.querySelector('[part=comments] canvas');
  const copy = Object.assign(document.createElement('canvas'), { width: canvas.width, height: canvas.height });
  const pen = copy.getContext('2d', { willReadFrequently: true });
  globalThis.gone = new Promise((resolve) => {
    const look = () => {
      pen.clearRect(0, 0, copy.width, copy.height);
      pen.drawImage(canvas, 0, 0);
      const { data } = pen.getImageData(0, 0, copy.width, copy.height);
      if (data.some((byte) => byte !== 0)) requestAnimationFrame(look);
      else resolve(Date.now());
    };
    requestAnimationFrame(look);
  });
}

/** One run: a stack of its own, viewers who join one by one, a warm-up, and a window in which everything is counted. */

import { Chromium } from '../harness/chromium.mjs';
import { Lab, SERVER } from '../harness/lab.mjs';
import { servePages } from '../harness/pages.mjs';
import { Stack } from '../harness/stack.mjs';
import { until } from '../harness/wait.mjs';
import { browserCpuSeconds } from './cpu.mjs';
import { figures } from './figures.mjs';

/** Between two viewers who join, in milliseconds, and what {@link join} adds. */
const JOIN_EVERY_MS = 2_000;

/** Length of a segment of the test source, in milliseconds. */
const SEGMENT_MS = 2_000;

/** From the last viewer's join to the window. */
const WARM_UP_MS = 27_000;

/**
 * From the window's end until its last segments are played and paid for: a viewer's distance from live, and the wait
 * that a failed purchase may add.
 */
const SETTLE_MS = 14_000;

/** How long one who came only to start looks on: long enough to be served and to be introduced. */
const LOOK_MS = 500;

/**
 * @typedef {object} Plan
 * @property {number} viewers
 * @property {number} seconds of the window
 * @property {string} size of the picture, `WIDTHxHEIGHT`
 * @property {number} kbit of the stream
 * @property {number} [fps] of the picture
 * @property {{ uplink?: number, lossPercent?: number, rttMs?: number }} [line] each viewer in a network of its own, with
 *   an uplink of so many times the stream's rate, so much of what it receives lost, and so far from the next
 * @property {number} starts viewers who come after the window, one by one, and leave when they see a picture
 */

/** Who brings the video: viewers who trade, the origin alone, or p2p-media-loader. Each is a page and more parameters of its address. */
const KINDS = {
  P2P: () => ['watch', {}],
  control: () => ['watch', { p2p: 'off' }],
  rival: ({ tracker }) => ['rival', { tracker }],
};

/**
 * Runs the plan once and returns its figures.
 *
 * @param {Plan} plan
 * @param {{ kind: keyof typeof KINDS, say: (text: string) => void }} how
 */
export async function session(plan, { kind, say }) {
  const endings = [];
  try {
    const host = plan.line === undefined ? undefined : SERVER;
    const stack = await Stack.start({ size: plan.size, kbit: plan.kbit, fps: plan.fps, host });
    endings.push(() => stack.stop());
    const pages = await servePages(host);
    endings.push(() => pages.close());
    const { browsers, homes } = await (plan.line === undefined ? together() : apart(plan, endings));
    endings.push(() => Promise.all(browsers.map((browser) => browser.close())));
    return await measure(plan, { kind, say, stack, pages, browsers, homes });
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

/** One browser with a context for each viewer. */
async function together() {
  return { browsers: [await Chromium.launch()], homes: [] };
}

/** A browser for each viewer, each in a network of its own. They are there before the first one watches. */
async function apart({ viewers, kbit, line }, endings) {
  const lab = await Lab.start({ homes: viewers, rttMs: line.rttMs });
  endings.push(() => lab.stop());
  const upKbit = line.uplink === undefined ? undefined : Math.round(line.uplink * kbit);
  const homes = Array.from({ length: viewers }, () => lab.home({ upKbit, lossPercent: line.lossPercent }));
  return { browsers: await Promise.all(homes.map((home) => Chromium.at(home))), homes };
}

async function measure(plan, { kind, say, stack, pages, browsers, homes }) {
  const [page, more] = KINDS[kind](stack);
  const query = new URLSearchParams({ src: stack.playlist, ...more });
  const open = (at) => browsers[at % browsers.length].open(`${pages.origin}/pages/${page}.html?${query}`);
  const viewers = [];
  await join(plan.viewers, await stack.segmentStart(), async (at) => viewers.push(await open(at)));
  for (const viewer of viewers) await firstFrame(viewer);
  say('warming up');
  await pass(WARM_UP_MS);

  const traffic = () => homes.map((home) => home.traffic());
  const start = { ms: Date.now(), cpu: browserCpuSeconds(), lines: traffic(), stats: await all(viewers, (one) => one.stats()) };
  const plain = start.stats.find(({ mode }) => mode !== 'p2p');
  if (kind === 'P2P' && plain !== undefined) throw new Error(`a viewer plays plain HLS (${plain.plainReason}): nothing to measure`);
  say(`measuring for ${plan.seconds} s`);
  await pass(plan.seconds * 1_000);
  const end = { ms: Date.now(), cpu: browserCpuSeconds(), lines: traffic(), stats: await all(viewers, (one) => one.stats()) };
  const seen = await all(viewers, observed);
  const blocks = await all(viewers, (one) => one.blocks());
  const bans = await all(viewers, (one) => one.told('peer-banned'));
  await pass(SETTLE_MS);
  const spend = await stack.spend(start.ms, end.ms);
  const starts = await startAgain(plan.starts, await stack.segmentStart(), open, say);

  const inWindow = ({ atMs }) => atMs >= start.ms && atMs <= end.ms;
  return figures({
    spend,
    starts,
    seconds: (end.ms - start.ms) / 1_000,
    cpuSeconds: end.cpu - start.cpu,
    lines: end.lines.map((after, at) => ({ before: start.lines[at], after })),
    kbit: plan.kbit,
    blocks: blocks.flat(),
    viewers: seen.map((one, at) => ({
      before: start.stats[at],
      after: end.stats[at],
      distances: one.distances.filter(inWindow).map(({ ms }) => ms),
      firstFrameMs: one.firstFrameMs,
      stalls: one.stalls,
      stalledMs: one.stalledMs,
      bans: bans[at].map(({ offence }) => offence),
    })),
  });
}

/**
 * Lets viewers come one by one. How far one ends up behind live depends on where in a segment it joins: the joins are
 * spread evenly over that phase, and begin at the same one in every run, so that runs differ by what they measure.
 */
async function join(count, segmentStartMs, come) {
  const sinceStart = (Date.now() - segmentStartMs) % SEGMENT_MS;
  let next = performance.now() + SEGMENT_MS - sinceStart;
  for (let at = 0; at < count; at += 1) {
    await pass(next - performance.now());
    next += JOIN_EVERY_MS + SEGMENT_MS / count;
    await come(at);
  }
}

/** First frames of others who join the same room and leave it: a p95 of the few viewers alone would be their worst. */
async function startAgain(count, segmentStartMs, open, say) {
  if (count > 0) say(`starting ${count} more, one by one`);
  const firstFrames = [];
  await join(count, segmentStartMs, async (at) => {
    const viewer = await open(at);
    firstFrames.push(await firstFrame(viewer));
    await pass(LOOK_MS);
    await viewer.close();
  });
  return firstFrames;
}

/** When the viewer saw a picture, in milliseconds after its page began to load. */
function firstFrame(viewer) {
  return until('a first frame', async () => (await observed(viewer)).firstFrameMs, 60_000);
}

function observed(viewer) {
  return viewer.page.evaluate(() => globalThis.observed);
}

function all(viewers, read) {
  return Promise.all(viewers.map(read));
}

/** Time is what a bench measures in: here, and only here, waiting is not for a condition. */
function pass(ms) {
  return new Promise((wake) => setTimeout(wake, Math.max(0, ms)));
}

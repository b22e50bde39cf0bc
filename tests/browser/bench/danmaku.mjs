#!/usr/bin/env node
/**
 * `cargo xtask bench danmaku`: 500 comments on a screen of 1920x1080, ours and npm `danmaku` with both of its engines, in the
 * same browser and run; then what a burst leaves behind, and how long a line that a moderator takes back stays on screens.
 *
 * A frame's time is all that the page's main thread did from one frame's begin to the next (tracing), not only the scripts:
 * an engine that moves elements pays in style and layout. Ours draws in a worker: what that does besides is in the last
 * column, with the main thread's, for each second. Prints a table, writes JSON to `target/bench/`.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { copyBuilt } from '../harness/built.mjs';
import { Chromium } from '../harness/chromium.mjs';
import { servePages } from '../harness/pages.mjs';
import { seal } from '../harness/seal.mjs';
import { until } from '../harness/wait.mjs';
import { quantile } from './figures.mjs';
import { frames } from './frames.mjs';
import { recalls } from './recalls.mjs';

const USAGE = `cargo xtask bench danmaku [options]
  --lines N     lines on the screen (500)
  --seconds N   measured in each run (10)
  --runs N      runs of each engine (3)
  --recalls N   lines that a moderator takes back (40)`;

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    recalls: { type: 'string', default: '40' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}

const ENGINES = { shoal: 'ours', dom: 'danmaku, DOM', canvas: 'danmaku, canvas' };
/** What each engine is told: a line crosses the screen in this long. */
const CROSSING_S = 8;
const VIEWPORT = { width: 1920, height: 1080 };
const OUT = fileURLToPath(new URL('../../../target/bench', import.meta.url));

await seal();
copyBuilt();
const pages = await servePages();
const chromium = await Chromium.launch();
const plan = { lines: Number(values.lines), seconds: Number(values.seconds), runs: Number(values.runs) };
const seen = Object.fromEntries(Object.keys(ENGINES).map((name) => [name, []]));
for (let run = 1; run <= plan.runs; run += 1) {
  // Turn and turn about: a machine that is busy for a while is busy for all.
  for (const name of Object.keys(ENGINES)) {
    seen[name].push(await measured(name));
    console.error(`run ${run}, ${ENGINES[name]}: ${seen[name].at(-1).median.toFixed(2)} ms a frame`);
  }
}
const left = await burst();
const stayed = await recalls({ chromium, pages, count: Number(values.recalls) });
await chromium.close();
await pages.close();
report();
process.exit(0);

async function open(name) {
  const viewer = await chromium.open(`${pages.origin}/pages/danmaku-bench.html?engine=${name}`);
  await viewer.page.setViewportSize(VIEWPORT);
  await until('the engine is there', () => viewer.page.evaluate(() => globalThis.stage !== undefined), 20_000);
  return viewer;
}

async function measured(name) {
  const viewer = await open(name);
  await viewer.page.evaluate((perSecond) => stage.flow(perSecond), plan.lines / CROSSING_S);
  await pass((CROSSING_S + 1) * 1_000);
  const { costs, busyMsPerSecond } = await frames(viewer.page, () => pass(plan.seconds * 1_000));
  const counts = await viewer.page.evaluate(() => stage.counts());
  await viewer.page.close();
  return { median: quantile(costs, 0.5), p99: quantile(costs, 0.99), busy: busyMsPerSecond, frames: costs.length, counts };
}

/** 10,000 lines in 10 s, and the memory that is left when they are gone. */
async function burst() {
  const viewer = await open('shoal');
  const session = await viewer.page.context().newCDPSession(viewer.page);
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return viewer.page.evaluate(() => performance.memory.usedJSHeapSize);
  };
  // Once before: what is made once and kept is no leak.
  await flood(viewer.page, 1_000, 1_000);
  const before = await heap();
  await flood(viewer.page, 1_000, 10_000);
  const after = await heap();
  const counts = await viewer.page.evaluate(() => stage.counts());
  await viewer.page.close();
  return { bytes: after - before, counts };
}

async function flood(page, perSecond, ms) {
  await page.evaluate((rate) => stage.flow(rate), perSecond);
  await pass(ms);
  await page.evaluate(() => stage.stop());
  await pass((CROSSING_S + 3) * 1_000);
}

function report() {
  const mean = (name, figure) => seen[name].reduce((sum, run) => sum + run[figure], 0) / plan.runs;
  const better = Math.min(mean('dom', 'median'), mean('canvas', 'median'));
  const rows = Object.keys(ENGINES).map((name) => [ENGINES[name], mean(name, 'median'), mean(name, 'p99'), mean(name, 'median') / better, mean(name, 'busy')]);
  console.log(`\n${plan.lines} lines on 1920x1080, ${plan.seconds} s, mean of ${plan.runs} runs; main thread, ms a frame\n`);
  console.log(`${''.padEnd(18)}${['median', 'p99', '÷ better rival', 'all, ms a s'].map((head) => head.padStart(16)).join('')}`);
  for (const [name, ...figures] of rows) console.log(name.padEnd(18) + figures.map((one) => one.toFixed(2).padStart(16)).join(''));
  const said = seen.shoal.reduce((sum, { counts }) => ({ taken: sum.taken + counts.taken, shown: sum.shown + counts.shown }), { taken: 0, shown: 0 });
  console.log(`\nours showed ${said.shown} of ${said.taken} lines, each in a row of its own; the others show all, one over the other where they must`);
  const verdict = (good) => (good ? 'yes' : 'NO');
  const [, median, p99, ratio] = rows[0];
  console.log(`\nmedian ≤ 4 ms ${verdict(median <= 4)}, p99 ≤ 8 ms ${verdict(p99 <= 8)}, ≤ 0.6 × the better rival ${verdict(ratio <= 0.6)}`);
  console.log(`a burst of 10,000 lines in 10 s leaves ${(left.bytes / 1e6).toFixed(2)} MB, ≤ 1 MB ${verdict(left.bytes <= 1e6)}`);
  const [half, most] = [quantile(stayed, 0.5), quantile(stayed, 0.99)];
  console.log(`a line that a moderator takes back is gone from a screen after ${half} ms (p50), ${most} ms (p99) of ${stayed.length}, ≤ 1,000 ms ${verdict(most <= 1_000)}`);
  mkdirSync(OUT, { recursive: true });
  const file = join(OUT, `danmaku-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ plan, cores: cpus().length, seen, burst: left, recallMs: stayed }, null, 2)}\n`);
  console.log(`\n${file}`);
}

function pass(ms) {
  return new Promise((wake) => setTimeout(wake, ms));
}

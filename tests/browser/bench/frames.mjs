/** What a page's threads do in each frame, by the browser's own trace. */

/** Top-level work of a thread, what every frame of the page's own thread does once, and the threads' names. */
const TASK = 'RunTask';
const FRAME = 'PrePaint';
const MAIN = 'CrRendererMain';
const WORKER = 'DedicatedWorker thread';
/** A screen's frame, in microseconds: for a page whose own thread makes none, because a worker draws. */
const SLICE_US = 1_000_000 / 60;
const CATEGORIES = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel', '__metadata'];

/**
 * What the page's threads do while `act` runs: milliseconds of the main thread in each frame, and milliseconds of main thread
 * and workers together in a second.
 *
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<void>} act
 */
export async function frames(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: CATEGORIES } });
  await act();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return work(events);
}

/** The figures of a trace. */
export function work(events) {
  const names = new Map(events.filter(({ name }) => name === 'thread_name').map((one) => [thread(one), one.args.name]));
  const tasks = events.filter((event) => event.name === TASK && event.dur !== undefined);
  const of = (pid, name) => tasks.filter((one) => one.pid === pid && names.get(thread(one)) === name);
  const sum = (pid, name) => of(pid, name).reduce((total, { dur }) => total + dur, 0);
  const all = (pid) => sum(pid, MAIN) + sum(pid, WORKER);
  // The page under test is the renderer that works most: the others show nothing.
  const [pid] = [...new Set(tasks.map((one) => one.pid))].filter((one) => sum(one, MAIN) > 0).sort((a, b) => all(b) - all(a));
  const main = of(pid, MAIN).sort((one, other) => one.ts - other.ts);
  const [first, last] = [main[0]?.ts ?? 0, main.at(-1)?.ts ?? 0];
  const begins = events.filter((one) => one.pid === pid && one.name === FRAME).map(({ ts }) => ts).sort((a, b) => a - b);
  const drawnByPage = begins.length > (last - first) / SLICE_US / 4;
  return {
    costs: costs(main, drawnByPage ? begins : slices(first, last)),
    busyMsPerSecond: (all(pid) / (last - first)) * 1_000,
  };
}

function thread({ pid, tid }) {
  return `${pid}:${tid}`;
}

function slices(first, last) {
  return Array.from({ length: Math.floor((last - first) / SLICE_US) }, (_, at) => first + at * SLICE_US);
}

/** The work from each start to the next. A frame's start is inside of the task that makes the frame, which is all the frame's. */
function costs(tasks, starts) {
  const sums = new Array(Math.max(0, starts.length - 1)).fill(0);
  let at = 0;
  for (const { ts, dur } of tasks) {
    while (at < sums.length && starts[at + 1] <= ts + dur) at += 1;
    if (at < sums.length && starts[at] <= ts + dur) sums[at] += dur / 1_000;
  }
  return sums;
}

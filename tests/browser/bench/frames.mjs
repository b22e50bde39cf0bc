/** What a page's main thread does in each frame, by the browser's own trace. */

/** Top-level work of a thread, and what every frame does once. */
const TASK = 'RunTask';
const BEGIN = 'PrePaint';

/**
 * Milliseconds of the main thread in each frame while `act` runs.
 *
 * @param {import('playwright-core').Page} page
 * @param {() => Promise<void>} act
 */
export async function frames(page, act) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  const includedCategories = ['devtools.timeline', 'disabled-by-default-devtools.timeline', 'toplevel'];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  await act();
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  return costs(events);
}

/** The work between each frame's begin and the next, of the thread that begins most frames. */
export function costs(events) {
  const thread = ({ pid, tid }) => `${pid}:${tid}`;
  const begins = new Map();
  for (const event of events.filter(({ name }) => name === BEGIN)) {
    begins.set(thread(event), [...(begins.get(thread(event)) ?? []), event.ts]);
  }
  const [main, starts] = [...begins].sort(([, one], [, other]) => other.length - one.length)[0] ?? ['', []];
  starts.sort((one, other) => one - other);
  const sums = new Array(Math.max(0, starts.length - 1)).fill(0);
  const tasks = events.filter((event) => event.name === TASK && event.dur !== undefined && thread(event) === main);
  let at = 0;
  for (const { ts, dur } of tasks.sort((one, other) => one.ts - other.ts)) {
    // A frame's begin is inside of the task that makes the frame.
    while (at < sums.length && starts[at + 1] <= ts + dur) at += 1;
    if (at < sums.length && starts[at] <= ts + dur) sums[at] += dur / 1_000;
  }
  return sums;
}

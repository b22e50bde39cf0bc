#!/usr/bin/env node
/**
 * `cargo xtask test --only network`: ten viewers on a small internet of namespaces, two behind each kind of NAT, with
 * limits, loss and delay. Who meets whom, and how much they bring each other, must be as the simulator says.
 *
 * The first of each kind is Chromium. The second is a native peer where `SHOAL_PEER` names the program, else Chromium too.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';

import { copyBuilt } from '../browser/harness/built.mjs';
import { Chromium } from '../browser/harness/chromium.mjs';
import { Lab, SERVER, sealLab } from '../browser/harness/lab.mjs';
import { KINDS } from '../browser/harness/nat.mjs';
import { servePages } from '../browser/harness/pages.mjs';
import { Program } from '../browser/harness/process.mjs';
import { Stack } from '../browser/harness/stack.mjs';
import { eventually, until } from '../browser/harness/wait.mjs';

/** The stream: a small picture, so that ten browsers are not the limit, at the rate that uplinks are measured by. */
const STREAM = { size: '320x180', kbit: 832, fps: 15 };

/** Every viewer's line: what it sends and receives at most, what it loses, how far it is from each other one. */
const LINE = { upKbit: 2 * STREAM.kbit, downKbit: 12 * STREAM.kbit, lossPercent: 1, rttMs: 40 };

/** Length of what is judged, and how long until the last of it is played and paid for, in milliseconds of the stream. */
const WINDOW_MS = 60_000;
const SETTLED_MS = 16_000;

/** Length of a segment, and how much of its pace the encoder must keep where offload is judged. */
const SEGMENT_MS = 2_000;
const PACE_MIN = 0.95;

/** How far offload may be from what the simulator predicts. */
const OFFLOAD_OFF_BY = 0.1;

/** A first picture, all links, and the window: each with what a machine needs that is ten times as slow. */
const PICTURE_MS = 120_000;
const LINKED_MS = 240_000;
const JUDGED_MS = 4 * (WINDOW_MS + SETTLED_MS);

/** Two ports tell a symmetric NAT from others. */
const STUN = [`${SERVER}:3478`, `${SERVER}:3479`];
const TRACKER = `stun_listen = ${JSON.stringify(STUN)}\nice_servers = ${JSON.stringify(STUN.map((at) => `stun:${at}`))}\n`;

await sealLab('the network test');
copyBuilt();

test('viewers behind NATs meet and share as the simulator says', async (t) => {
  const ending = (end) => t.after(end);
  const nats = [...KINDS, ...KINDS];
  const predicted = predict(nats);
  const lab = await Lab.start({ homes: nats.length, rttMs: LINE.rttMs });
  ending(() => lab.stop());
  const stack = await Stack.start({ ...STREAM, host: SERVER, tracker: TRACKER });
  ending(() => stack.stop());
  const pages = await servePages(SERVER);
  ending(() => pages.close());
  const homes = nats.map((nat) => lab.home({ ...LINE, nat, listens: true }));
  const viewers = [];
  for (const [at, home] of homes.entries()) viewers.push(await come(at, home, { stack, pages, ending }));

  await t.test('who meets whom', async () => {
    const expected = pairs(predicted.reaches, homes);
    await eventually('everybody hears those that it can', () => heard(homes), (seen) => contains(seen, expected), LINKED_MS);
    for (const [at, viewer] of viewers.entries()) {
      const company = predicted.reaches[at].filter((reached, other) => reached && other !== at).length;
      await viewer.linked(`${viewer.what} ${at}, ${nats[at]}, has its links`, company);
    }
    const apart = homes.length * (homes.length - 1) - expected.length;
    t.diagnostic(`${viewers.map(({ what }, at) => `${what} ${nats[at]}`).join(', ')}: ${expected.length / 2} pairs meet, ${apart / 2} cannot`);
  });

  await t.test('what they bring each other', async () => {
    const from = await stack.segmentStart();
    await eventually('the window passes', () => stack.segmentStart(), (now) => now >= from + WINDOW_MS + SETTLED_MS, JUDGED_MS);
    const { sizeBytes, spentBytes, segments } = await stack.spend(from, from + WINDOW_MS);
    // Where the encoder cannot keep its pace, viewers cannot keep theirs, and nothing can be told of the market.
    const pace = (segments * SEGMENT_MS) / WINDOW_MS;
    assert.ok(pace >= PACE_MIN, `this machine is too busy for the figure: the encoder kept ${pace.toFixed(2)} of its pace`);
    const offload = 1 - spentBytes / (sizeBytes * viewers.length);
    const mean = predicted.offload.reduce((sum, one) => sum + one, 0) / predicted.offload.length;
    const percent = (share) => `${(100 * share).toFixed(1)} %`;
    t.diagnostic(`offload ${percent(offload)} of ${segments} segments; predicted ${predicted.offload.map(percent).join(', ')}`);
    assert.ok(Math.abs(offload - mean) <= OFFLOAD_OFF_BY, `offload ${percent(offload)}, predicted ${percent(mean)}`);
  });

  // Whoever cannot be reached was never heard, in all that time.
  assert.deepEqual(heard(homes), pairs(predicted.reaches, homes));
  for (const { what, faults } of viewers) assert.deepEqual(await faults(), [], what);
});

/** Lets a viewer come, and returns when it has a picture. */
function come(at, home, world) {
  const native = process.env.SHOAL_PEER;
  return native === undefined || at < KINDS.length ? comeInChromium(at, home, world) : comeNative(at, home, { native, ...world });
}

async function comeInChromium(at, home, { stack, pages, ending }) {
  const browser = await Chromium.at(home);
  ending(() => browser.close());
  const viewer = await browser.open(`${pages.origin}/pages/watch.html?${new URLSearchParams({ src: stack.playlist })}`);
  await until(`viewer ${at} has a picture`, () => viewer.page.evaluate(() => globalThis.observed.firstFrameMs), PICTURE_MS);
  return {
    what: 'Chromium',
    linked: (what, company) => eventually(what, async () => (await viewer.peers()).length, (links) => links === company, LINKED_MS),
    faults: () => viewer.errors,
  };
}

async function comeNative(at, home, { native, stack, ending }) {
  const [command, ...inside] = home.inside;
  const stun = STUN.flatMap((address) => ['--stun', `stun:${address}`]);
  const peer = new Program(command, [...inside, native, '--src', stack.playlist, '--report-every-s', '1', ...stun]);
  ending(() => peer.stop());
  await peer.json(`peer ${at} plays`, ({ playing }) => playing === 1, PICTURE_MS);
  return {
    what: 'peer',
    linked: (what, company) => peer.json(what, ({ links_mean: links }) => links === company, LINKED_MS),
    faults: async () => {
      const { bad_bytes: bad, upload_ratio_max: ratio } = await peer.json('a report', () => true, PICTURE_MS);
      return [...(bad === 0 ? [] : ['bad bytes']), ...(ratio <= 1 ? [] : ['gave more than it got'])];
    },
  };
}

/** What `sim` says of this network. */
function predict(nats) {
  const program = process.env.SHOAL_PREDICT;
  if (program === undefined) throw new Error('SHOAL_PREDICT names no program: `cargo xtask` builds it and says where it is');
  const args = { nats: nats.join(','), kbit: STREAM.kbit, 'up-kbit': LINE.upKbit, 'down-kbit': LINE.downKbit, loss: LINE.lossPercent, rtt: LINE.rttMs };
  const words = Object.entries({ ...args, seconds: WINDOW_MS / 1_000 }).map(([name, value]) => `--${name}=${value}`);
  return JSON.parse(execFileSync(program, words, { encoding: 'utf8' }));
}

/** Who hears whom, as `LISTENER<HEARD`, sorted. */
function heard(homes) {
  return homes.flatMap((home) => home.heard().map((other) => `${home.address}<${other}`)).sort();
}

function pairs(reaches, homes) {
  const found = homes.flatMap((one, at) => homes.filter((_, other) => other !== at && reaches[at][other])
    .map((other) => `${one.address}<${other.address}`));
  return found.sort();
}

function contains(seen, expected) {
  return expected.every((pair) => seen.includes(pair));
}

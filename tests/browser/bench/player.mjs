#!/usr/bin/env node
/**
 * `cargo xtask bench player`: viewers in real browsers on a real stack, against the same run with P2P off.
 *
 * Offload is judged by what the origin spent on the segments published in the window; everything else by what viewers
 * saw and counted. Prints a table, writes JSON to `target/bench/`.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { copyBuilt } from '../harness/built.mjs';
import { sealLab } from '../harness/lab.mjs';
import { seal } from '../harness/seal.mjs';
import { session } from './session.mjs';
import { print, rows } from './table.mjs';

const USAGE = `cargo xtask bench player [options]
  --viewers N      viewers, each in a context of its own (8)
  --seconds N      length of the window (120)
  --runs N         runs, and as many control runs (3)
  --size WxH       the picture: 640x360 at 832 kbit/s, or 320x180 at 232 kbit/s (640x360)
  --kbit N         another rate
  --fps N          another frame rate (25)
  --uplink X       each browser in a network of its own, with an uplink of X times the stream's rate
  --loss PERCENT   of the UDP packets that a viewer receives; also in networks of their own
  --rtt MS         round trip between two viewers; half of it to the servers; also in networks of their own
  --starts N       viewers who join after the window and leave at their first frame, for its p95 (24; 0 in such networks)
  --no-control     only the runs with P2P on
  --peer           p2p-media-loader too, in the same runs, told by hand to play as near to live as the control

Networks of their own (--uplink, --loss, --rtt) need root, and a browser process for each viewer.`;

/** First frames beside those of the viewers. */
const STARTS = 24;

/** Rates of the sizes that the figures are given for, in kbit/s. */
const KBIT = { '640x360': 832, '320x180': 232 };

const OUT = fileURLToPath(new URL('../../../target/bench', import.meta.url));

const { values } = parseArgs({
  options: {
    viewers: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '120' },
    runs: { type: 'string', default: '3' },
    size: { type: 'string', default: '640x360' },
    kbit: { type: 'string' },
    fps: { type: 'string' },
    uplink: { type: 'string' },
    loss: { type: 'string' },
    rtt: { type: 'string' },
    starts: { type: 'string' },
    'no-control': { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const line = {
  uplink: values.uplink === undefined ? undefined : real('uplink', 0.1, 100),
  lossPercent: values.loss === undefined ? undefined : real('loss', 0, 50),
  rttMs: values.rtt === undefined ? undefined : real('rtt', 0, 2_000),
};
const apart = Object.values(line).some((value) => value !== undefined);
await (apart ? sealLab('this bench') : seal());
copyBuilt();
await main();
process.exit(0);

async function main() {
  const plan = {
    viewers: whole('viewers'),
    seconds: whole('seconds'),
    size: values.size,
    starts: values.starts === undefined ? (apart ? 0 : STARTS) : whole('starts', 0),
    kbit: values.kbit === undefined ? (KBIT[values.size] ?? KBIT['640x360']) : whole('kbit'),
    fps: values.fps === undefined ? undefined : whole('fps'),
    line: apart ? line : undefined,
  };
  const [runs, controls, rivals] = [[], [], []];
  for (let at = 1; at <= whole('runs'); at += 1) {
    // Turn and turn about, so that a machine that is busy for a while is busy for both.
    if (!values['no-control']) controls.push(await one(plan, at, 'control'));
    if (values.peer) rivals.push(await one(plan, at, 'rival'));
    runs.push(await one(plan, at, 'P2P'));
  }
  const table = rows(plan, { runs, controls, rivals });
  console.log(`\n${plan.viewers} viewers, ${plan.size} at ${plan.kbit} kbit/s, ${plan.seconds} s, ${runs.length} runs`);
  console.log(apart ? `${words(line)}\n` : '');
  console.log(print(table));
  for (const [at, { boughtFor }] of runs.entries()) console.log(`bought at the origin in run ${at + 1}: ${shares(boughtFor)}`);
  write({ plan, cores: cpus().length, runs, controls, rivals, table });
}

async function one(plan, at, kind) {
  const name = `run ${at}, ${kind}`;
  const result = await session(plan, { kind, say: (text) => console.error(`${name}: ${text}`) });
  const offload = result.offload === null ? 'unknown' : `${(100 * result.offload).toFixed(1)} %`;
  console.error(`${name}: offload ${offload}, behind live ${result.distanceP50.toFixed(2)} s, stalls ${result.stalls}`);
  return result;
}

function write(report) {
  mkdirSync(OUT, { recursive: true });
  const stamp = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
  const path = join(OUT, `player-${report.plan.viewers}-${stamp}.json`);
  writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`\n${path}`);
}

function words({ uplink, lossPercent, rttMs }) {
  const parts = [
    uplink === undefined ? [] : [`uplinks of ${uplink} times that`],
    lossPercent === undefined ? [] : [`${lossPercent} % of UDP lost`],
    rttMs === undefined ? [] : [`${rttMs} ms of round trip`],
  ];
  return parts.flat().join(', ');
}

function shares(of) {
  return Object.entries(of).map(([name, share]) => `${name} ${(100 * share).toFixed(0)} %`).join(', ') || 'nothing';
}

function real(name, least, most) {
  const value = Number(values[name]);
  if (values[name] === '' || !(value >= least && value <= most)) {
    throw new Error(`--${name} takes a number from ${least} to ${most}\n${USAGE}`);
  }
  return value;
}

function whole(name, least = 1) {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least) throw new Error(`--${name} takes a whole number of ${least} or more\n${USAGE}`);
  return value;
}

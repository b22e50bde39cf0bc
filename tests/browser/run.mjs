#!/usr/bin/env node
/**
 * Runs browser cases: `node run.mjs [CASE…]`, where CASE is the beginning of a folder's name; all of them without one.
 *
 * Seals the run in a network of its own, starts one stack for the cases that can share it, and hands over to
 * `node --test`, one case at a time: two cores hold one swarm, not two.
 *
 * A case that fails is run once more, since a machine that stood still fails no change; what the first try said is printed
 * as diagnostics, and the last lines name every case that needed two.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { copyBuilt } from './harness/built.mjs';
import { seal } from './harness/seal.mjs';
import { SHARED, Stack } from './harness/stack.mjs';

/** A case that hangs is ended after this long, in milliseconds. */
const CASE_MS_MAX = 240_000;

const SIGNALS = ['SIGINT', 'SIGTERM'];

const CASES = fileURLToPath(new URL('./cases', import.meta.url));

await seal();
copyBuilt();
const files = chosen(process.argv.slice(2)).map((name) => join(CASES, name, 'test.mjs'));
const stack = await Stack.start();
const code = await run(files, stack).finally(() => stack.stop());
process.exit(code);

function chosen(starts) {
  const all = readdirSync(CASES).sort();
  if (starts.length === 0) return all;
  const named = all.filter((name) => starts.some((start) => name.startsWith(start)));
  if (named.length === 0) throw new Error(`no case begins with ${starts.join(' or ')}; there are: ${all.join(', ')}`);
  return named;
}

async function run(paths, shared) {
  const twice = [];
  const failed = [];
  for (const path of paths) {
    const name = basename(dirname(path));
    const first = await runCase(path, shared);
    if (first.passed || first.stopped) {
      process.stdout.write(first.output);
      if (first.stopped) return 1;
      continue;
    }
    process.stdout.write(first.output.replaceAll(/^/gm, '# first try: '));
    process.stdout.write('\n');
    const second = await runCase(path, shared);
    process.stdout.write(second.output);
    (second.passed ? twice : failed).push(name);
  }
  process.stdout.write(`# cases: ${paths.length}, failed: ${failed.length}, passed at the second try: ${twice.length}\n`);
  for (const name of failed) process.stdout.write(`# failed twice: ${name}\n`);
  for (const name of twice) process.stdout.write(`# failed once, a race to be mended: ${name}\n`);
  return failed.length === 0 ? 0 : 1;
}

async function runCase(path, shared) {
  const flags = ['--test', '--test-concurrency=1', `--test-timeout=${CASE_MS_MAX}`, '--no-warnings'];
  const test = spawn(process.execPath, [...flags, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, [SHARED]: JSON.stringify(shared) },
  });
  let stopped = false;
  const stop = (signal) => {
    stopped = true;
    test.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  test.stdout.setEncoding('utf8');
  let output = '';
  test.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(test, 'close');
  for (const signal of SIGNALS) process.off(signal, stop);
  return { passed: code === 0, stopped, output };
}

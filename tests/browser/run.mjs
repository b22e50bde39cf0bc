#!/usr/bin/env node
/**
 * Runs browser cases: `node run.mjs [CASE…]`, where CASE is the beginning of a folder's name; all of them without one.
 *
 * Seals the run in a network of its own, starts one stack for the cases that can share it, and hands over to
 * `node --test`, one case at a time: two cores hold one swarm, not two.
 */

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { copyBuilt } from './harness/built.mjs';
import { seal } from './harness/seal.mjs';
import { SHARED, Stack } from './harness/stack.mjs';

/** A case that hangs is ended after this long, in milliseconds. */
const CASE_MS_MAX = 240_000;

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

function run(paths, shared) {
  const flags = ['--test', '--test-concurrency=1', `--test-timeout=${CASE_MS_MAX}`, '--no-warnings'];
  const tests = spawn(process.execPath, [...flags, ...paths], {
    stdio: 'inherit',
    env: { ...process.env, [SHARED]: JSON.stringify(shared) },
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => tests.kill(signal));
  return new Promise((resolve) => {
    tests.once('exit', (exit) => resolve(exit ?? 1));
  });
}

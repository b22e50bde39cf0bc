/**
 * What is tested: the package and the page as they were built when the run began. A run copies them, so that a build in
 * the meantime changes nothing under it.
 */

import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The environment's variable that names a run's copies. */
const COPIES = 'SHOAL_TEST_BUILT';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PLACES = { player: 'client-wasm/npm/dist', page: 'web-demo/dist' };

/** The folder of the built `player` or `page`. */
export function built(name) {
  const copies = process.env[COPIES];
  return copies === undefined ? join(ROOT, PLACES[name]) : join(copies, name);
}

/** A program of this tree, beside the servers that are tested. */
export function program(name) {
  return join(dirname(process.env.SHOAL_BIN ?? join(ROOT, 'target/debug/shoal')), name);
}

/** Copies what was built, for this process and those that it starts; gone when this process ends. */
export function copyBuilt() {
  const copies = mkdtempSync(join(tmpdir(), 'shoal-built-'));
  process.on('exit', () => rmSync(copies, { recursive: true, force: true }));
  for (const [name, place] of Object.entries(PLACES)) cpSync(join(ROOT, place), join(copies, name), { recursive: true });
  process.env[COPIES] = copies;
}

/**
 * A network of its own for the tests: loopback, and one bridge with no cable, which is what a browser needs to offer a
 * WebRTC candidate at all (it offers none for loopback). Nothing of a test leaves the machine, and ports are never taken.
 *
 * Needs root, or user namespaces; without either the tests run in the machine's own network and say so.
 */

import { spawn, spawnSync } from 'node:child_process';

/** Set in the environment of what runs inside. */
export const SEALED = 'SHOAL_TEST_SEALED';

/** An address of the bridge, of RFC 1918's, seen by nobody else. */
const ADDRESS = '10.77.0.1/24';

const SET_UP = [
  'ip link set lo up',
  'ip link add shoal0 type bridge',
  `ip addr add ${ADDRESS} dev shoal0`,
  'ip link set shoal0 up',
  'ip route add default dev shoal0',
].join(' && ');

/** `unshare`'s flags to try, in order: as root, and as anybody. */
const WAYS = [['-n'], ['-r', '-n']];

/**
 * Runs this very program again inside a network of its own, and ends with its exit code. Returns only inside, or where
 * there is no way in.
 */
export async function seal() {
  if (process.env[SEALED] !== undefined) return;
  const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', SET_UP]).status === 0);
  if (way === undefined) {
    console.error('browser tests: no network namespace to be had here; using this machine’s own network');
    return;
  }
  const inside = spawn(
    'unshare',
    [...way, 'sh', '-c', `${SET_UP} && exec "$@"`, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [SEALED]: '1' } },
  );
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => inside.kill(signal));
  process.exit(await new Promise((resolve) => inside.once('exit', (code) => resolve(code ?? 1))));
}

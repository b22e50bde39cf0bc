/** A TURN server of a case's own: coturn (Debian package `coturn`), which shares a secret with the tracker and nothing else. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { program } from './chromium.mjs';
import { Program } from './process.mjs';
import { until } from './wait.mjs';

/** How long it may take to answer. */
const READY_MS = 20_000;

/** A STUN binding request (RFC 8489 §5) with a transaction of zeros. */
const REQUEST = Buffer.concat([Buffer.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12)]);

/** An address that browsers offer candidates for: not loopback's, where there is another. */
function address() {
  const all = Object.values(networkInterfaces()).flat();
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

export class Turn {
  #server;
  #folder;

  /** Starts one that takes users of this secret; returns when it answers. */
  static async start(secret) {
    const [host, folder] = [address(), await mkdtemp(join(tmpdir(), 'shoal-turn-'))];
    // coturn takes no port 0: one that was free a moment ago.
    const socket = createSocket('udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise((resolve) => socket.close(resolve));
    const args = ['-n', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout', '--realm=shoal', '--use-auth-secret'];
    args.push(`--listening-ip=${host}`, `--relay-ip=${host}`, `--listening-port=${port}`, '--allow-loopback-peers');
    args.push(`--static-auth-secret=${secret}`, `--pidfile=${join(folder, 'pid')}`, `--userdb=${join(folder, 'users')}`);
    const server = new Program(program('turnserver'), args);
    const turn = new Turn(server, folder, `turn:${host}:${port}`);
    try {
      await until('the TURN server answers', () => answers(host, port), READY_MS);
    } catch (error) {
      await turn.stop();
      throw error;
    }
    return turn;
  }

  constructor(server, folder, url) {
    this.#server = server;
    this.#folder = folder;
    this.url = url;
  }

  async stop() {
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Whether somebody answers there within a moment. */
async function answers(host, port) {
  const socket = createSocket('udp4');
  let timer;
  const answered = new Promise((resolve) => {
    timer = setTimeout(resolve, 300, false);
    socket.once('message', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.connect(port, host, () => socket.send(REQUEST));
  const found = await answered;
  clearTimeout(timer);
  await new Promise((resolve) => socket.close(resolve));
  return found;
}

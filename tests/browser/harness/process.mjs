/** Programs that a test starts, and stops: none outlives the test. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How long a program may take to end by itself after SIGTERM. */
const GRACE_MS = 5_000;

/** Lines of a program's stderr that are kept for a failure's report. */
const TAIL_LINES_MAX = 40;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** One program. Its stderr is kept, and shown only when something fails. */
export class Program {
  #child;
  #tail = [];
  #name;

  /**
   * @param {string} command
   * @param {readonly string[]} args
   * @param {{ env?: Record<string, string>, cwd?: string }} [options]
   */
  constructor(command, args, { env = {}, cwd } = {}) {
    this.#name = command.split('/').at(-1);
    this.#child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#tail.push(line);
      if (this.#tail.length > TAIL_LINES_MAX) this.#tail.shift();
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(`${this.#name} ended: ${signal ?? code}`));
      this.#child.once('error', (error) => resolve(`${this.#name} did not start: ${error.message}`));
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** What it said last on stderr. */
  get tail() {
    return this.#tail.join('\n');
  }

  /** The first line of JSON on stdout. */
  async readyJson(withinMs) {
    return this.json('ready', () => true, withinMs);
  }

  /** The first line of JSON on stdout from now on that `holds`. */
  async json(what, holds, withinMs) {
    const lines = createInterface({ input: this.#child.stdout });
    let last = '';
    const found = new Promise((resolve) => {
      lines.on('line', (line) => {
        if (!line.startsWith('{')) return;
        last = line;
        const value = JSON.parse(line);
        if (holds(value)) resolve(value);
      });
    });
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve(`${this.#name}: not within ${withinMs / 1_000} s: ${what} (last: ${last})`), withinMs);
    });
    const first = await Promise.race([found, this.ended, late]);
    clearTimeout(timer);
    if (typeof first === 'string') throw new Error(`${first}\n${this.tail}`);
    return first;
  }

  /** Ends it and waits for the end. */
  async stop(signal = 'SIGTERM') {
    if (!running.has(this.#child)) return;
    this.#child.kill(signal);
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    if (running.has(this.#child)) await once(this.#child, 'exit');
    clearTimeout(killer);
  }
}

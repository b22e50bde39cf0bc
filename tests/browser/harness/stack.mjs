/**
 * The real stack: the `shoal` binary on ports that the kernel picks, and a live source that publishes to it.
 *
 * Where the programs are is said by `SHOAL_BIN` and `SHOAL_XTASK` (`cargo xtask` sets them); without them the debug
 * builds of this tree are taken.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { built } from './built.mjs';
import { Program } from './process.mjs';
import { publishRenditions } from './renditions.mjs';
import { until } from './wait.mjs';

/** The environment's variable by which a run tells its cases of the stack that they share. */
export const SHARED = 'SHOAL_TEST_STACK';

/** How long servers may take to be ready. */
const READY_MS = 20_000;

/** How long a source may take until its stream can be played: an encoder's start, and three segments. */
const PLAYABLE_MS = 40_000;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SHOAL = process.env.SHOAL_BIN ?? join(ROOT, 'target/debug/shoal');
const XTASK = process.env.SHOAL_XTASK ?? join(ROOT, 'target/debug/xtask');

/** What tests change: the origin breaks when it is told to. */
const CONFIG = '[origin]\nfaults = true\n';

/**
 * @typedef {object} StackOptions
 * @property {boolean} [source] start the source too (default), or leave the stream absent
 * @property {string[]} [renditions] several renditions of one picture, in place of the test picture
 * @property {string} [size] of the test picture
 * @property {number} [kbit] of the test picture
 * @property {number} [fps] of the test picture
 * @property {string} [host] the address that the servers listen at; loopback if absent
 * @property {string} [tracker] more lines of the tracker's configuration
 * @property {number} [window] segments in a playlist
 * @property {number} [end_ms] after how long without a publisher the stream has ended
 */

export class Stack {
  #server;
  #source = null;
  #state;
  #options;
  #urls;

  /** The run's shared stack, or one of the case's own. */
  static async forCase(own) {
    const shared = process.env[SHARED];
    if (own === undefined && shared !== undefined) return new Stack(JSON.parse(shared));
    return Stack.start(own);
  }

  /** Starts everything and returns when the stream can be played (or, without a source, when the servers are ready). */
  static async start(options = {}) {
    const state = await mkdtemp(join(tmpdir(), 'shoal-test-'));
    const { host = '127.0.0.1', tracker = '' } = options;
    const args = ['--ready-json', '--origin-listen', `${host}:0`, '--tracker-listen', `${host}:0`];
    for (const flag of ['--chat-listen', '--chat-api-listen', '--chat-web-listen']) args.push(flag, '127.0.0.1:0');
    args.push('--ops-listen', '127.0.0.1:0', '--state-dir', state, '--page-dir', built('page'));
    const end = options.end_ms === undefined ? '' : `grace_ms = ${options.end_ms / 2}\nend_ms = ${options.end_ms}\n`;
    const window = options.window === undefined ? '' : `window_segments = ${options.window}\n`;
    await writeFile(join(state, 'shoal.toml'), `${CONFIG}${window}${end}[tracker]\n${tracker}`);
    args.push('--config', join(state, 'shoal.toml'));
    const server = new Program(SHOAL, args);
    let stack;
    try {
      stack = new Stack(await server.readyJson(READY_MS), { server, state, options });
      if (options.source !== false) await stack.startSource();
      return stack;
    } catch (error) {
      await stack?.stopSource();
      await server.stop();
      await rm(state, { recursive: true, force: true });
      throw error;
    }
  }

  constructor(urls, { server = null, state = null, options = {} } = {}) {
    this.#urls = urls;
    this.#server = server;
    this.#state = state;
    this.#options = options;
    this.page = urls.page;
    this.origin = urls.origin;
    this.playlist = urls.playlist;
    this.tracker = urls.tracker;
  }

  /** What a case needs to use this stack. */
  toJSON() {
    return this.#urls;
  }

  /** Starts to publish; returns when the stream can be played. */
  async startSource() {
    const { renditions, size, kbit, fps } = this.#options;
    const said = Object.entries({ size, kbit, fps }).filter(([, value]) => value !== undefined);
    const picture = said.flatMap(([name, value]) => [`--${name}`, `${value}`]);
    this.#source =
      renditions === undefined
        ? new Program(XTASK, ['source', '--publish', this.#urls.publish, ...picture])
        : publishRenditions(this.#urls.publish, renditions);
    const before = await this.#segments();
    await until('the stream can be played', async () => {
      const now = await this.#segments();
      return now.length >= 3 && now.at(-1) !== before.at(-1);
    }, PLAYABLE_MS).catch((error) => {
      throw new Error(`${error.message}\n${this.#source.tail}\n${this.#server?.tail ?? ''}`);
    });
  }

  /** Ends the publisher as a network failure would: at once. */
  async stopSource() {
    await this.#source?.stop('SIGKILL');
    this.#source = null;
  }

  /** Makes the origin slow (`delay_ms`), failing (`fail`) or wrong (`corrupt_block`); what is not named is mended. */
  async faults(wanted) {
    const response = await fetch(new URL('/ops/faults', this.#urls.ops), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(wanted),
    });
    if (!response.ok) throw new Error(`/ops/faults: ${response.status} ${await response.text()}`);
  }

  /** Lets the origin fail for so long, and mends it. */
  async failsFor(ms) {
    await this.faults({ fail: true });
    await new Promise((wake) => setTimeout(wake, ms));
    await this.faults({});
  }

  /** When the newest segment began, in Unix ms. */
  async segmentStart() {
    return (await this.#accounts()).at(-1).start_ms;
  }

  /** What the origin spent on the segments that were published between two moments (Unix ms): sums over their accounts. */
  async spend(fromMs, toMs) {
    const published = (await this.#accounts()).filter(
      ({ bytes, start_ms: startMs }) => bytes > 0 && startMs >= fromMs && startMs < toMs,
    );
    const sum = (name) => published.reduce((total, account) => total + account[name], 0);
    return { segments: published.length, sizeBytes: sum('bytes'), spentBytes: sum('sent_bytes'), accounts: published };
  }

  /** Stops everything that this process started; a shared stack goes on. */
  async stop() {
    if (this.#server === null) return;
    await this.stopSource();
    await this.#server.stop();
    await rm(this.#state, { recursive: true, force: true });
  }

  async #accounts() {
    const response = await fetch(new URL('/ops/spend', this.#urls.ops));
    if (!response.ok) throw new Error(`/ops/spend: ${response.status} ${await response.text()}`);
    return response.json();
  }

  /** URLs of the segments in the first media playlist; none while there is no stream. */
  async #segments() {
    const list = await lines(this.playlist);
    const media = list.find((line) => line !== '' && !line.startsWith('#'));
    if (media === undefined) return [];
    return (await lines(new URL(media, this.playlist).href)).filter((line) => line !== '' && !line.startsWith('#'));
  }
}

async function lines(url) {
  const response = await fetch(url).catch(() => null);
  return response?.ok ? (await response.text()).split('\n') : [];
}

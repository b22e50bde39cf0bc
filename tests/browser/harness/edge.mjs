/**
 * A chat edge of a case's own: what it keeps outlives its end, and it comes back behind the same doors, whatever ports the
 * kernel gives it.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Door } from './door.mjs';
import { Program } from './process.mjs';
import { until } from './wait.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EDGE = join(process.env.SHOAL_BIN === undefined ? join(ROOT, 'target/debug') : dirname(process.env.SHOAL_BIN), 'chat-edge');
const ANY = '127.0.0.1:0';
const READY_MS = 20_000;

/** The room of the cases. */
export const ROOM = 'live://1';

export class Edge {
  #folder;
  #server;
  #api;
  #doors;

  /** @param {{ ending(end: () => Promise<unknown>): void }} world */
  static async start({ ending }) {
    const edge = new Edge();
    edge.#folder = await mkdtemp(join(tmpdir(), 'shoal-edge-'));
    ending(async () => {
      await edge.end();
      for (const door of edge.#doors ?? []) await door.shut();
      await rm(edge.#folder, { recursive: true, force: true });
    });
    await edge.begin();
    return edge;
  }

  /** What the element needs to come in. */
  get attributes() {
    const [ws, web] = this.#doors;
    return { comments: ws.url, room: ROOM, 'comments-api': `${web.url.replace(/\/$/, '')}/chat/v1` };
  }

  /** Starts it, or starts it again. */
  async begin() {
    const args = ['--listen', ANY, '--api-listen', ANY, '--web-listen', ANY, '--guests-per-10s', '1000', '--log-json'];
    this.#server = new Program(EDGE, [...args, '--store', `sqlite:${join(this.#folder, 'chat.db')}`], { env: { RUST_LOG: 'info' } });
    const { fields } = await until('the edge listens', () => {
      const line = this.#server.tail.split('\n').find((one) => one.includes('chat edge listens'));
      return line === undefined ? null : JSON.parse(line);
    }, READY_MS);
    const [ws, web] = [`ws://${fields.addresses.replace(/[[\]]/g, '')}/sub`, `http://${fields.web_address}`];
    this.#api = `http://${fields.api_address}`;
    if (this.#doors === undefined) this.#doors = await Promise.all([new Door(ws).open(), new Door(web).open()]);
    else this.#doors.forEach((door, at) => door.lead([ws, web][at]));
  }

  /** Ends it; by `SIGKILL`, as a machine that loses its power. */
  async end(signal = 'SIGTERM') {
    await this.#server?.stop(signal);
  }

  /** A token as the operator's address makes it. */
  async token(claims) {
    const { token } = await this.#ask('/chat/v1/tokens', claims);
    return token;
  }

  /** Says something over HTTP; the line's name in the room. */
  async say(token, text, more = {}) {
    const { id } = await this.#call(token, 'POST', 'comments', { text, ...more });
    return id;
  }

  /** Says something as an operator's own server does, past every rate. */
  async push(text) {
    const event = { cmd: 'DANMU_MSG', info: [[0, 1, 25, 0xff_ffff, Date.now()], text, [7, 'speaker', 0]] };
    const { code } = await this.#ask('/goim/push/room?operation=5&type=live&room=1', event);
    if (code !== 0) throw new Error(`push: ${code}`);
  }

  /** Nobody reaches it any more, but whoever keeps order. */
  async shut() {
    for (const door of this.#doors) await door.shut();
  }

  async open() {
    for (const door of this.#doors) await door.open();
  }

  /** What somebody keeps order by. */
  put(token, path, body) {
    return this.#call(token, 'PUT', path, body);
  }

  async #call(token, method, path, body) {
    const response = await fetch(`${this.attributes['comments-api']}/rooms/live/1/${path}`, {
      method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  }

  async #ask(path, body) {
    const response = await fetch(`${this.#api}${path}`, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}

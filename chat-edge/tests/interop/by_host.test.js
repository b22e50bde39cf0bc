/**
 * Stock clients that are told a room's number and nothing else: they ask the hosts of Bilibili's that they have built in
 * where to go, connect with TLS or TCP, and hear what is said. Those hosts' names lead to the chat edge (`sealed.js`).
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { createServer } from "node:tls";

import * as danmaku from "bilibili-live-danmaku";
import live from "bilibili-live-ws";
import * as tiny from "tiny-bilibili-ws";

import { start } from "./edge.js";
import { CHAT, CHAT_HOST, WEB } from "./sealed.js";

const ROOM = 7;
const SAID = ["one", "two", "three", "four", "five"];
const NAME = "somebody";
/** Ports that clients have built in, one of them whatever they are told. */
const PORTS = [443, 2243, 2244, 2245];

const certificates = (name) => join(process.env.CERTIFICATES, name);
let world;

/** The chat edge at its host, and a proxy with TLS before what is asked by HTTP, as an operator would have. */
before(async () => {
  const listen = PORTS.map((port) => `${CHAT}:${port}`).join();
  const tls = ["--tls-certificate", certificates("chain.pem"), "--tls-key", certificates("key.pem")];
  world = await start(["--listen", listen, "--domain", CHAT_HOST, ...tls]);
  const pair = { cert: readFileSync(certificates("chain.pem")), key: readFileSync(certificates("key.pem")) };
  const [, host, port] = /(.+):(\d+)$/.exec(world.web);
  world.proxy = createServer(pair, (caller) => {
    const web = connect(Number(port), host);
    caller.pipe(web).pipe(caller);
    for (const [one, other] of [[caller, web], [web, caller]]) one.on("error", () => other.destroy());
  });
  await new Promise((resolve) => world.proxy.listen(443, WEB, resolve));
});

after(() => {
  world.edge.kill();
  world.proxy.close();
});

/** What a client of the room hears, and how it leaves. */
class Heard {
  texts = [];
  #waiting;

  constructor(leave) {
    this.leave = leave;
    this.all = new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
    // Whoever waits hears of it; until then it is nobody's.
    this.all.catch(() => {});
  }

  text(text) {
    this.texts.push(text);
    if (this.texts.length === SAID.length) this.#waiting.resolve(this.texts);
  }

  fail(cause) {
    this.#waiting.reject(cause instanceof Error ? cause : new Error(String(cause)));
  }
}

async function asked(path, init) {
  const response = await fetch(`${world.api}${path}`, init);
  return response.json();
}

async function joined() {
  while ((await asked(`/goim/online/room?type=live&rooms=${ROOM}`)).data[ROOM] < 1);
}

async function left() {
  while ((await asked(`/goim/online/room?type=live&rooms=${ROOM}`)).data[ROOM] > 0);
}

/** Somebody speaks, as viewers do; a push that is no event of Bilibili's comes first. */
async function speak() {
  const identity = { user: Math.floor(Math.random() * 1e9) + 1, name: NAME, rooms: [`live://${ROOM}`] };
  const { token } = await asked("/chat/v1/tokens", { method: "POST", body: JSON.stringify(identity) });
  await asked(`/goim/push/room?operation=1000&type=live&room=${ROOM}`, { method: "POST", body: "no event" });
  for (const text of SAID) {
    const init = { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify({ text }) };
    const response = await fetch(`http://${world.web}/chat/v1/rooms/live/${ROOM}/comments`, init);
    assert.equal(response.status, 201, await response.text());
  }
}

/** The client comes in, hears what is said, whichever order its own threads unpack it in, and leaves. */
async function check(client) {
  await Promise.race([joined(), client.all]);
  await Promise.race([speak(), client.all]);
  assert.deepEqual((await client.all).toSorted(), SAID.toSorted());
  client.leave();
  await left();
}

/** Of tiny-bilibili-ws: it finds room, address, token and the name of its browser by itself. */
function tinyClient(make) {
  const client = make(ROOM, { keepalive: false });
  const heard = new Heard(() => client.close());
  client.on("DANMU_MSG", ({ data }) => heard.text(data.info[1]));
  client.on("error", (cause) => heard.fail(cause.error ?? cause));
  return [heard, client];
}

test("npm tiny-bilibili-ws hears by WebSocket, and is told how many are here", async () => {
  const [heard, client] = tinyClient((room, options) => new tiny.KeepLiveWS(room, options));
  const online = once(client, "heartbeat");
  await check(heard);
  assert.deepEqual(await online, [1]);
});

test("npm tiny-bilibili-ws hears by TCP", async () => {
  const [heard] = tinyClient((room, options) => new tiny.KeepLiveTCP(room, options));
  await check(heard);
});

test("npm bilibili-live-ws hears at the address that it was given for its room", async () => {
  const room = await live.getRoomid(ROOM);
  const { key, address } = await live.getConf(room);
  const client = new live.LiveWS(room, { key, address });
  const heard = new Heard(() => client.close());
  client.on("DANMU_MSG", ({ info }) => heard.text(info[1]));
  client.on("error", (cause) => heard.fail(cause));
  await check(heard);
});

test("npm bilibili-live-danmaku hears after everything that a browser asks first", async () => {
  const api = new danmaku.BilibiliApiClient();
  await api.initCookie();
  const { data: { room_id: room } } = await api.liveRoomInit({ id: ROOM });
  const { data: { token, host_list: [{ host, wss_port: port }] } } = await api.xliveGetDanmuInfo({ id: room });
  const client = new danmaku.LiveWS(room, { address: `wss://${host}:${port}/sub`, key: token, buvid: api.cookies.get("buvid3") });
  const heard = new Heard(() => client.close());
  client.addEventListener("DANMU_MSG", ({ data }) => heard.text(data.info[1]));
  for (const kind of ["error", "error:decode"]) client.addEventListener(kind, ({ error }) => heard.fail(error ?? kind));
  await check(heard);
});

test("PyPI blivedm hears, and reads name and number of viewers", async () => {
  const python = join(import.meta.dirname, "python");
  const program = spawn(join(python, ".venv/bin/python"), [join(python, "hear.py"), String(ROOM)], { stdio: ["ignore", "pipe", "inherit"] });
  const heard = new Heard(() => program.kill());
  program.on("error", (cause) => heard.fail(cause));
  program.on("exit", (code) => heard.fail(`it ended: ${code}`));
  const [online, names] = [[], new Set()];
  createInterface({ input: program.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if (said.online !== undefined) return online.push(said.online);
    names.add(said.name);
    heard.text(said.text);
  });
  await check(heard);
  assert.deepEqual([online[0], [...names]], [1, [NAME]]);
});

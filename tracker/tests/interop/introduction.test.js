/**
 * The tracker and the stock WebTorrent client (npm `bittorrent-tracker`), unmodified but for its WebRTC.
 *
 * The tracker's program is the one that `cargo build -p tracker` leaves, or `TRACKER_BIN`.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import Client from "bittorrent-tracker/client";

const PROGRAM = process.env.TRACKER_BIN ?? fileURLToPath(new URL("../../../target/debug/tracker", import.meta.url));

/** What a connection may speak for: `PEERS_PER_CONNECTION_MAX`. */
const PEERS_PER_CONNECTION_MAX = 16;

let tracker;
let address;
let clients = [];

before(async () => {
  tracker = spawn(PROGRAM, ["--listen", "127.0.0.1:0"], { stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface({ input: tracker.stderr })) {
    address = /tracker listens.* address=(\S+)/.exec(line)?.[1];
    if (address) break;
  }
  assert.ok(address, "the tracker says where it listens");
});

after(async () => {
  await Promise.all(clients.map((client) => new Promise((done) => client.destroy(done))));
  tracker.kill("SIGTERM");
  const [code] = await once(tracker, "exit");
  assert.equal(code, 0, "SIGTERM ends the tracker well");
});

test("two stock clients are introduced to each other", async () => {
  const swarm = id(1);
  const [old, young] = [client(swarm, id(11), "/old"), client(swarm, id(12), "/young")];
  const alone = once(old, "update");
  old.start();
  const [first] = await alone;
  assert.deepEqual([first.complete, first.incomplete], [0, 1]);
  assert.ok(first.interval >= 27 && first.interval <= 30);

  const [offered, answered, joined] = [once(old, "peer"), once(young, "peer"), once(young, "update")];
  young.start();
  assert.equal((await joined)[0].incomplete, 2);
  assert.equal((await offered)[0].id, id(12));
  assert.equal((await answered)[0].id, id(11));
});

test("a client that says it holds everything counts as complete, and one that stops does not count", async () => {
  const swarm = id(2);
  const [seeder, other] = [client(swarm, id(21), "/seeder"), client(swarm, id(22), "/other")];
  const seeding = once(seeder, "update");
  seeder.start({ left: 0 });
  await seeding;
  const sized = once(other, "scrape");
  other.scrape();
  assert.deepEqual(sizes((await sized)[0]), [1, 0]);

  seeder.stop();
  let now;
  do {
    const again = once(other, "scrape");
    other.scrape();
    now = sizes((await again)[0]);
  } while (now[0] !== 0);
  assert.deepEqual(now, [0, 0]);
});

test("a scrape of several swarms names each", async () => {
  const [swarm, other] = [id(3), id(4)];
  const scraper = client(swarm, id(31), "/scraper");
  const answers = [];
  const all = new Promise((done) => scraper.on("scrape", (answer) => answers.push(answer) === 2 && done()));
  scraper.scrape({ infoHash: [swarm, other] });
  await all;
  assert.deepEqual(answers.map((answer) => answer.infoHash).sort(), [swarm, other]);
});

test("clients that pool one socket are served each, up to the maximum, and one more is warned", async () => {
  const pool = Array.from({ length: PEERS_PER_CONNECTION_MAX }, (_, n) => client(id(100 + n), id(50), "/pool"));
  for (const member of pool) {
    const welcome = once(member, "update");
    member.start();
    assert.equal((await welcome)[0].incomplete, 1);
  }
  const tooMany = client(id(99), id(50), "/pool", { warnings: "expected" });
  const warned = once(tooMany, "warning");
  tooMany.start();
  assert.match((await warned)[0].message, /too many swarms on one connection/);
});

test("a refusal about no swarm is a warning to a stock client, not its end", async () => {
  const scraper = client(id(5), id(51), "/greedy", { warnings: "expected" });
  const warned = once(scraper, "warning");
  scraper.scrape({ infoHash: Array.from({ length: 65 }, (_, n) => id(n)) });
  await warned;
});

function client(infoHash, peerId, path, { warnings } = {}) {
  const made = new Client({ infoHash, peerId, announce: [`ws://${address}${path}`], port: 6881 });
  if (warnings !== "expected") {
    made.on("warning", (warning) => assert.fail(warning));
  }
  made.on("error", (error) => assert.fail(error));
  clients.push(made);
  return made;
}

/** Twenty bytes in hexadecimal, different for each number, beyond ASCII in most places. */
function id(number) {
  return (number + 0x80).toString(16).padStart(4, "0").repeat(10);
}

function sizes({ complete, incomplete }) {
  return [complete, incomplete];
}

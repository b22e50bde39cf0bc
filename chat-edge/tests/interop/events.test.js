/**
 * The stock client npm `bilibili-live-ws`, unmodified, against the real chat edge: both transports, every compression.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import live from "bilibili-live-ws";

import { start } from "./edge.js";

const ROOM = 7;
const EVENTS = 30;

function push(api, body) {
  return fetch(`${api}/goim/push/room?operation=1000&type=live&room=${ROOM}`, { method: "POST", body });
}

/** A client of each transport. */
function clients(port, protover) {
  const options = { protover, key: "k", uid: 0, buvid: "b" };
  return [
    new live.LiveWS(ROOM, { ...options, address: `ws://127.0.0.1:${port}/sub` }),
    new live.LiveTCP(ROOM, { ...options, host: "127.0.0.1", port }),
  ];
}

/** Resolves with the texts of so many comments. */
function comments(client, count) {
  const texts = [];
  return new Promise((resolve, reject) => {
    client.on("error", reject);
    client.on("close", () => reject(new Error("the connection ended")));
    client.on("DANMU_MSG", ({ info }) => {
      texts.push(info[1]);
      if (texts.length === count) resolve(texts);
    });
  });
}

test("the stock client hears every comment, plain ones in order, and lives through what is none", async () => {
  const { edge, port, api } = await start();
  try {
    const plain = clients(port, 1);
    const packed = [...clients(port, 2), ...clients(port, 3)];
    const all = [...plain, ...packed];
    const heard = Promise.all(all.map((client) => comments(client, EVENTS)));
    await Promise.all(all.map((client) => once(client, "live")));
    await push(api, "this is no event");
    const expected = Array.from({ length: EVENTS }, (_, at) => String(at));
    for (const text of expected) await push(api, JSON.stringify({ cmd: "DANMU_MSG", info: [[], text] }));
    const texts = await heard;
    for (const ordered of texts.slice(0, plain.length)) assert.deepEqual(ordered, expected);
    // This client unpacks each frame on a thread of its own pool, and tells them in the order in which they finish.
    for (const some of texts.slice(plain.length)) assert.deepEqual(some.sort((a, b) => a - b), expected);
    const online = once(all[0], "heartbeat");
    all[0].heartbeat();
    assert.deepEqual(await online, [all.length]);
    for (const client of all) {
      client.removeAllListeners("close");
      client.close();
    }
  } finally {
    edge.kill();
  }
});

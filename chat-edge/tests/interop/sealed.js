/**
 * Runs the tests in a network and with a table of names of their own, where the hosts that stock clients have built in
 * are addresses of this machine: nothing leaves it, no port is ever taken, and no client has to be told anything.
 *
 * Needs root, or user namespaces.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where each host of Bilibili's is: one address for what is asked by HTTP, one for the chat edge. */
export const WEB = "127.0.0.2";
export const CHAT = "127.0.0.3";
export const CHAT_HOST = "broadcastlv.chat.bilibili.com";
const NAMES = {
  [WEB]: ["api.live.bilibili.com", "api.bilibili.com", "www.bilibili.com", "live.bilibili.com", "live-trace.bilibili.com"],
  [CHAT]: [CHAT_HOST, "zj-cn-live-comet.chat.bilibili.com"],
};

const SET_UP = 'ip link set lo up && mount --bind "$NAMES" /etc/hosts';
/** `unshare`'s flags to try, in order: as root, and as anybody. */
const WAYS = [["-n", "-m"], ["-r", "-n", "-m"]];

/** A certificate of an authority of its own, for every one of the names; both end with the folder. */
function certify(folder) {
  const at = (name) => join(folder, name);
  const names = ["DNS:*.chat.bilibili.com", "DNS:*.bilibili.com", "DNS:*.live.bilibili.com"].join();
  const made = [
    ["-x509", "-subj", "/CN=interop", "-addext", "basicConstraints=critical,CA:true", "-keyout", at("ca.key"), "-out", at("ca.pem")],
    ["-x509", "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-subj", "/CN=bilibili", "-addext", `subjectAltName=${names}`,
      "-addext", "basicConstraints=critical,CA:false", "-keyout", at("key.pem"), "-out", at("chain.pem")],
  ];
  for (const flags of made) {
    const args = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", ...flags];
    const openssl = spawnSync("openssl", args, { encoding: "utf8" });
    if (openssl.status !== 0) throw new Error(`openssl: ${openssl.stderr ?? openssl.error}`);
  }
}

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "interop-"));
  try {
    certify(folder);
    const names = Object.entries(NAMES).map(([address, names]) => `${address} ${names.join(" ")}\n`);
    writeFileSync(join(folder, "hosts"), `127.0.0.1 localhost\n${names.join("")}`);
    const env = {
      ...process.env,
      NAMES: join(folder, "hosts"),
      CERTIFICATES: folder,
      // What clients of Node, and of Python and Go, trust besides.
      NODE_EXTRA_CA_CERTS: join(folder, "ca.pem"),
      SSL_CERT_FILE: join(folder, "ca.pem"),
      // One of the clients expects a browser's socket, which this Node has when asked.
      NODE_OPTIONS: "--experimental-websocket --no-warnings",
    };
    const way = WAYS.find((flags) => spawnSync("unshare", [...flags, "sh", "-c", SET_UP], { env }).status === 0);
    if (way === undefined) throw new Error("no network namespace to be had: run as root, or allow user namespaces");
    const test = ["--test", "--test-force-exit", "--test-timeout=120000"];
    const run = [...way, "sh", "-c", `${SET_UP} && exec "$@"`, "sh", process.execPath, ...test];
    const inside = spawn("unshare", run, { stdio: "inherit", env });
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => inside.kill(signal));
    process.exitCode = await new Promise((resolve) => inside.once("exit", (code) => resolve(code ?? 1)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[1] === import.meta.filename) await main();

/**
 * A small internet for tests: one bridge that everybody is at, and for each viewer a network namespace of its own, with
 * limits on what it sends, loss on what it receives, a longer way, and a NAT in front of it.
 *
 * All of it is in namespaces of one process tree, mounts and processes among them: the kernel takes it away with the
 * tree, however that ends. What else a run leaves is in one folder, which the process outside removes.
 *
 * | what | by |
 * |---|---|
 * | uplink | `tbf` on the viewer's interface, everything that it sends, with a queue of 200 ms |
 * | downlink | `htb` on the bridge's port, everything that the viewer is sent, with the same queue |
 * | loss | nftables in the viewer's namespace, of the UDP that it receives; TCP is left alone |
 * | delay | `wire` of `tests/network`, in user space: this kernel may have no netem |
 * | NAT | nftables in a namespace between the viewer and the bridge (`nat.mjs`) |
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { rules } from './nat.mjs';
import { Program } from './process.mjs';
import { SEALED } from './seal.mjs';

/** Where the servers are: an address of the bridge, of RFC 1918's, seen by nobody else. */
export const SERVER = '10.77.0.1';

/** Every address that somebody has at the bridge; those behind NATs are in other networks. */
const PREFIX = 16;

const BRIDGE = 'shoal0';

/** What a line holds back before it drops, as home routers do, and what it lets through at once. */
const QUEUE_MS = 200;
const QUEUE = `${QUEUE_MS}ms`;
const BURST = '5kb';

/** How long the wires may take to be there. */
const WIRES_MS = 10_000;

const SET_UP = [
  'mkdir -p /run/netns',
  'mount -t tmpfs tmpfs /run/netns',
  'ip link set lo up',
  `ip link add ${BRIDGE} type bridge`,
  `ip addr add ${SERVER}/${PREFIX} dev ${BRIDGE}`,
  `ip link set ${BRIDGE} up`,
  `ip route add default dev ${BRIDGE}`,
].join(' && ');

/** What the set-up needs, and Debian's package of it. */
const NEEDED = { unshare: 'util-linux', setpriv: 'util-linux', nsenter: 'util-linux', ip: 'iproute2', tc: 'iproute2', nft: 'nftables' };

/**
 * Runs this very program again inside, and ends with its exit code. Returns only inside. Where namespaces are not to be
 * had, says so and ends.
 *
 * @param {string} what wants it, for the refusal
 */
export async function sealLab(what) {
  if (process.env[SEALED] !== undefined) return;
  refuseWithout(what);
  const folder = mkdtempSync(join(tmpdir(), 'shoal-lab-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  // Whoever dies takes what is below along: `setpriv` for this process, `--kill-child` and the process namespace for all else.
  const inside = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', '-n', '-m', '-p', '--fork', '--kill-child', '--mount-proc', 'sh', '-c',
      // Not `exec`: the first process of a namespace must wait for orphans, which a shell does.
      `${SET_UP} && { "$@"; exit $?; }`, 'sh', process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [SEALED]: '1', TMPDIR: folder } },
  );
  let ended = null;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      ended = signal;
      inside.kill('SIGKILL');
    });
  }
  const code = await new Promise((resolve) => inside.once('exit', (exit) => resolve(exit ?? 1)));
  process.exit(ended === null ? code : 130);
}

function refuseWithout(what) {
  const missing = Object.entries(NEEDED).filter(([name]) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0);
  const refusal =
    process.platform !== 'linux' ? 'needs Linux: it makes network namespaces'
    : process.getuid() !== 0 ? 'needs root: it makes network namespaces with limits, loss and NATs in them'
    : missing.length > 0 ? `needs ${missing.map(([name, from]) => `${name} (package ${from})`).join(', ')}`
    : spawnSync('unshare', ['-n', '-m', '-p', '--fork', 'true']).status !== 0 ? 'may make no namespaces here'
    : null;
  if (refusal === null) return;
  console.error(`${what} ${refusal}`);
  process.exit(1);
}

/**
 * @typedef {object} Line what a viewer's access is like
 * @property {number} [upKbit] what it sends at most, in kbit/s of the wire
 * @property {number} [downKbit] what it receives at most
 * @property {number} [lossPercent] of the UDP that it receives
 * @property {import('./nat.mjs').Kind} [nat] what stands between it and the rest; nothing if absent
 * @property {boolean} [listens] keep a list of whom it hears ({@link Home.heard})
 */

/** The internet inside: viewers' namespaces are made by {@link Lab.home}, as many as were announced. */
export class Lab {
  #wires;
  /** The namespaces of each home. */
  #homes = [];

  /**
   * @param {{ homes: number, rttMs?: number }} plan how many viewers at most, and the round trip between any two of them
   */
  static async start({ homes, rttMs = 0 }) {
    if (rttMs === 0) return new Lab(null);
    const pairs = Array.from({ length: homes }, (_, at) => `near${at + 1}=far${at + 1}`);
    // A packet passes its sender's wire and its receiver's, and so does the answer.
    const wires = new Program(wireProgram(), ['--delay-us', `${Math.round((rttMs * 1_000) / 4)}`, ...pairs]);
    await wires.readyJson(WIRES_MS);
    return new Lab(wires);
  }

  constructor(wires) {
    this.#wires = wires;
  }

  /**
   * A namespace for one viewer.
   *
   * @param {Line} line
   */
  home(line = {}) {
    const at = this.#homes.length + 1;
    const namespace = `v${at}`;
    const border = line.nat === undefined ? namespace : `r${at}`;
    const home = new Home({ namespace, border, address: `10.77.1.${at}`, nat: line.nat });
    const namespaces = [...new Set([namespace, border])];
    for (const name of namespaces) run('ip', ['netns', 'add', name]);
    this.#homes.push(namespaces);
    this.#plug(at, border, home.address);
    if (border !== namespace) behind(at, border, home);
    // The uplink is the line's that leaves the house.
    const limit = line.upKbit === undefined ? ['pfifo'] : ['tbf', 'rate', `${line.upKbit}kbit`, 'burst', BURST, 'latency', QUEUE];
    run('tc', ['-n', border, 'qdisc', 'add', 'dev', 'wan', 'root', ...limit]);
    if (line.downKbit !== undefined) limitDownlink(at, line.downKbit);
    within(namespace, ['nft', '-f', '-'], receiving(line.lossPercent ?? 0));
    if (line.listens) within(home.namespace, ['nft', '-f', '-'], LISTENER);
    return home;
  }

  /** Takes it all down, so that another can be put up. */
  async stop() {
    // The devices of wires end with their program.
    await this.#wires?.stop();
    for (const [at, namespaces] of this.#homes.entries()) {
      if (this.#wires === null) run('ip', ['link', 'del', `far${at + 1}`]);
      for (const name of namespaces) run('ip', ['netns', 'del', name]);
    }
    this.#homes = [];
  }

  /** Gives a namespace its place at the bridge: an interface `wan` with an address. */
  #plug(at, namespace, address) {
    if (this.#wires === null) {
      run('ip', ['link', 'add', `far${at}`, 'type', 'veth', 'peer', 'name', 'wan', 'netns', namespace]);
    } else {
      run('ip', ['link', 'set', `near${at}`, 'netns', namespace, 'name', 'wan']);
    }
    run('ip', ['link', 'set', `far${at}`, 'master', BRIDGE, 'up']);
    run('ip', ['-n', namespace, 'addr', 'add', `${address}/${PREFIX}`, 'dev', 'wan']);
    for (const device of ['lo', 'wan']) run('ip', ['-n', namespace, 'link', 'set', device, 'up']);
    run('ip', ['-n', namespace, 'route', 'add', 'default', 'via', SERVER]);
  }
}

/** One viewer's namespace. */
export class Home {
  constructor({ namespace, border, address, nat }) {
    this.namespace = namespace;
    /** The namespace whose `wan` is the house's: its own, or its router's. */
    this.border = border;
    /** Its address at the bridge, which behind a NAT is the router's. */
    this.address = address;
    this.nat = nat;
  }

  /** How to run a program there: a command and the arguments before its own. */
  get inside() {
    return ['nsenter', `--net=/run/netns/${this.namespace}`, '--'];
  }

  /** Addresses at the bridge from which UDP has reached it, STUN's answers left out. */
  heard() {
    const listed = within(this.namespace, ['nft', '-j', 'list', 'set', 'ip', 'shoal_heard', 'from']);
    const { elem = [] } = JSON.parse(listed).nftables.find((one) => one.set !== undefined).set;
    return elem.map((one) => one.elem?.val ?? one).filter((address) => address !== SERVER);
  }

  /** What its line has done so far: bytes that left the house, datagrams that came, and those of them that were lost. */
  traffic() {
    const sent = /Sent (\d+) bytes/.exec(run('tc', ['-n', this.border, '-s', 'qdisc', 'show', 'dev', 'wan']));
    const { nftables } = JSON.parse(within(this.namespace, ['nft', '-j', 'list', 'counters', 'table', 'ip', 'shoal_line']));
    const packets = (name) => nftables.find((one) => one.counter?.name === name)?.counter.packets ?? 0;
    return { sentBytes: Number(sent?.[1] ?? 0), datagrams: packets('came'), lost: packets('lost') };
  }

  /** A script that runs the program there, for who wants a path. */
  wrapped(path) {
    const script = join(tmpdir(), `in-${this.namespace}.sh`);
    writeFileSync(script, `#!/bin/sh\nexec ${this.inside.join(' ')} '${path}' "$@"\n`, { mode: 0o755 });
    return script;
  }

  /** The browser's flags there: the servers are `localhost`, which browsers trust as they trust TLS. */
  get browserArgs() {
    return [`--host-resolver-rules=MAP localhost ${SERVER}`];
  }
}

/** Counts whom a home hears, after what is lost. */
const LISTENER = `table ip shoal_heard {
  set from { type ipv4_addr; flags dynamic; }
  chain receive {
    type filter hook input priority 10
    meta l4proto udp update @from { ip saddr }
  }
}
`;

/** Puts a home behind its router. */
function behind(at, router, home) {
  const [inner, outer] = [`192.168.${at}.2`, `192.168.${at}.1`];
  run('ip', ['-n', home.namespace, 'link', 'add', 'wan', 'type', 'veth', 'peer', 'name', 'lan', 'netns', router]);
  run('ip', ['-n', home.namespace, 'addr', 'add', `${inner}/24`, 'dev', 'wan']);
  for (const device of ['lo', 'wan']) run('ip', ['-n', home.namespace, 'link', 'set', device, 'up']);
  run('ip', ['-n', home.namespace, 'route', 'add', 'default', 'via', outer]);
  run('ip', ['-n', router, 'addr', 'add', `${outer}/24`, 'dev', 'lan']);
  run('ip', ['-n', router, 'link', 'set', 'lan', 'up']);
  within(router, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']);
  within(router, ['nft', '-f', '-'], rules(home.nat, { inner, wan: home.address }));
}

/** What the bridge sends to a home passes one class of its own. */
function limitDownlink(at, kbit) {
  const port = ['dev', `far${at}`];
  const rate = `${kbit}kbit`;
  const queued = `${Math.round((kbit * QUEUE_MS) / 8)}`;
  run('tc', ['qdisc', 'add', ...port, 'root', 'handle', '1:', 'htb', 'default', '1']);
  run('tc', ['class', 'add', ...port, 'parent', '1:', 'classid', '1:1', 'htb', 'rate', rate, 'ceil', rate, 'burst', BURST, 'cburst', BURST]);
  run('tc', ['qdisc', 'add', ...port, 'parent', '1:1', 'bfifo', 'limit', queued]);
}

/** What a home receives of UDP is counted, and some of it lost. */
function receiving(lossPercent) {
  const permille = Math.round(lossPercent * 10);
  return `table ip shoal_line {
    counter came { }
    counter lost { }
    chain receive {
      type filter hook input priority 0
      meta l4proto udp counter name came
      ${permille > 0 ? `meta l4proto udp numgen random mod 1000 < ${permille} counter name lost drop` : ''}
    }
  }\n`;
}

function within(namespace, command, input) {
  return run('nsenter', [`--net=/run/netns/${namespace}`, '--', ...command], input);
}

function run(command, args, input = '') {
  const { status, stdout, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

function wireProgram() {
  const path = process.env.SHOAL_WIRE;
  if (path === undefined) throw new Error('SHOAL_WIRE names no program: `cargo xtask` builds it and says where it is');
  return path;
}

/** The rows that the module writes and the page reads: names, order and widths are the same on both sides. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { load, repository } from './load.mjs';

const rows = await load('internal/rows.ts');
const wire = await load('internal/wire.ts');

/** The columns that a doc comment of `rows.rs` lists after `name:`. */
function columns(name) {
  const text = repository('client-wasm/src/rows.rs').replace(/\n\/\/\/ (?!\w+: )/g, ' ');
  return new RegExp(`/// ${name}: ([\\w ]+?)(?: {2}|\\n|$)`).exec(text)[1].trim().split(/\s+/);
}

/** The variants of an enum of `report.rs` or `io.rs`, in order, as the page names them. */
function variants(file, name) {
  const body = new RegExp(`pub enum ${name} \\{([^}]*)\\}`).exec(repository(file))[1];
  return [...body.matchAll(/^ {4}(\w+)(?: = \d+)?,$/gm)].map(([, variant]) =>
    variant.replace(/(?!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase());
}

test('columns are what the module documents', () => {
  assert.deepEqual(columns('stats'), [...rows.STATS_COLUMNS]);
  assert.deepEqual(columns('peer'), [...rows.PEER_COLUMNS]);
  assert.deepEqual(columns('block'), [...rows.BLOCK_COLUMNS]);
});

test('names are those of the engine, in its order', () => {
  assert.deepEqual(variants('swarm/src/report.rs', 'Status'), rows.STATUSES);
  assert.deepEqual(variants('swarm/src/report.rs', 'Reason'), rows.REASONS);
  assert.deepEqual(variants('swarm/src/io.rs', 'Offence'), rows.OFFENCES);
});

test('a peer id comes back whole from its four columns', () => {
  const id = '0102030405ffffffffff000000000000000000aa';
  const parts = id.match(/.{10}/g).map((part) => Number(`0x${part}`));
  const [peer] = rows.decodePeers(Float64Array.of(7, ...parts, 10, 20, 30, 2, 1));
  assert.deepEqual(peer, {
    link: 7, peer: id, receivedBytes: 10, sentBytes: 20, blockMs: 30, requests: 2, superPeer: true,
  });
});

test('a block without a source and not yet done has neither', () => {
  const [block] = rows.decodeBlocks(Float64Array.of(0, 812, 3, 61_440, 0, 1, 2, 6, 0, 0, 0, 0, 0, 1500.5, Infinity));
  assert.deepEqual(block, {
    rendition: 0, segment: 812, block: 3, bytes: 61_440, status: 'missing', supply: 1, demand: 2, reason: 'die-waiting',
    from: null, seenMs: 1500.5, doneMs: null,
  });
});

test('what is left of an incomplete row is ignored', () => {
  assert.equal(rows.decodeBlocks(new Float64Array(rows.BLOCK_COLUMNS.length * 2 - 1)).length, 1);
  assert.equal(rows.decodePeers(new Float64Array(3)).length, 0);
});

/** The constants of a module of `kind.rs`, in order, as the page names them; each is its place. */
function kinds(module) {
  const body = new RegExp(`pub mod ${module} \\{(.*?)^\\}`, 'ms').exec(repository('replay/src/kind.rs'))[1];
  return [...body.matchAll(/^ {4}pub const (\w+): u8 = (\d+);$/gm)].map(([, name, number], place) => {
    assert.equal(Number(number), place, name);
    return name.toLowerCase().replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase());
  });
}

/** The members of a `const enum` of the page: gone from what is built, so read from the source. */
function members(name) {
  const body = new RegExp(`const enum ${name} \\{([^}]*)\\}`).exec(repository('client-wasm/npm/src/internal/wire.ts'))[1];
  return body.split(',').map((member) => member.trim()).filter((member) => member !== '');
}

test('kinds are the same on both sides', () => {
  assert.deepEqual(members('In'), kinds('input'));
  assert.deepEqual(members('Out'), kinds('output'));
});

const module = new URL('../wasm/client_wasm_bg.wasm', import.meta.url);
const config = {
  seed: new Uint8Array(8), peerId: new Uint8Array(20), swarm: new Uint8Array(20), stream: 'main', keys: [1],
  targetDurationMs: 2_000, trackers: 0, upload: true, linksAim: 12, linksMax: 16, cacheBytesMax: 64_000_000,
};

async function glue() {
  const { Engine, dataBody, instantiate } = await load('internal/glue.ts');
  await instantiate(new Response(readFileSync(module), { headers: { 'content-type': 'application/wasm' } }));
  return { Engine, dataBody };
}

test('the module itself writes rows of these widths', { skip: !existsSync(module) && 'not built' }, async () => {
  const { Engine, dataBody } = await glue();
  const bytes = Buffer.concat(wire.configBytes(config));
  assert.equal(Engine.create(0, wire.configNumbers(config), bytes.subarray(0, 47)), undefined);
  const engine = Engine.create(0, wire.configNumbers(config), bytes);
  const drain = () => {
    for (let count = 0; count < 1_000; count += 1) if (engine.poll()[0] === 0) return;
    assert.fail('no timeout ends the drain');
  };
  engine.input(1, 1, [0, 0, 812, 1_795_273_200_000, 2_000], new Uint8Array());
  drain();
  engine.input(2, 255, [], new Uint8Array());
  drain();
  assert.equal(engine.report(0).length, rows.STATS_COLUMNS.length);
  assert.equal(engine.report(1).length, 0);
  assert.equal(engine.report(2).length % rows.BLOCK_COLUMNS.length, 0);
  engine.free();
  for (const { header, body_bytes } of JSON.parse(repository('protocol/vectors/peer.json')).data) {
    const prefix = Buffer.from(header, 'hex');
    assert.equal(dataBody(prefix, prefix.length + body_bytes), prefix.length);
  }
});

test('a page has so many engines, and one that ends leaves its place and the others alone', { skip: !existsSync(module) && 'not built' }, async () => {
  const { Engine } = await glue();
  const create = () => Engine.create(0, wire.configNumbers(config), Buffer.concat(wire.configBytes(config)));
  const [most] = /ENGINES_MAX: usize = (\d+)/.exec(repository('client-wasm/src/engine.rs')).slice(1).map(Number);
  const engines = Array.from({ length: most }, create);
  assert.ok(engines.every((engine) => engine !== undefined));
  assert.equal(create(), undefined);
  engines[0].free();
  assert.throws(() => engines[0].poll(), WebAssembly.RuntimeError);
  assert.equal(engines[1].report(0).length, rows.STATS_COLUMNS.length);
  assert.notEqual(create(), undefined);
  assert.equal(create(), undefined);
});

/** The tracker's socket: the token it shows and renews, and the servers for ICE that it is lent. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from './load.mjs';

const { Tracker } = await load('internal/tracker.ts');
const { renewalMs } = await load('internal/token.ts');

/** A WebSocket that notes what is sent and lets a test play the tracker. */
class Socket extends EventTarget {
  static OPEN = 1;
  static all = [];
  sent = [];
  readyState = 0;

  constructor(url) {
    super();
    this.url = String(url);
    Socket.all.push(this);
  }

  send(data) { this.sent.push(data); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.dispatchEvent(new Event('open')); }
  message(data) { this.dispatchEvent(new MessageEvent('message', { data })); }
}

const note = [];
const events = {
  open: () => note.push('open'),
  closed: () => note.push('closed'),
  message: (bytes) => note.push(bytes.byteLength),
  ice: (servers) => note.push(servers),
};
const turn = async () => { for (let i = 0; i < 5; i += 1) await Promise.resolve(); };
const jwt = (claims) => `e30.${btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.c2ln`;

beforeEach(() => {
  globalThis.WebSocket = Socket;
  Socket.all.length = note.length = 0;
});

test('a token is in the address, escaped, beside what stands there', async () => {
  const tracker = new Tracker(['wss://t.example/x?a=1'], 'a+b', events);
  tracker.connect(0);
  await turn();
  assert.equal(Socket.all[0].url, 'wss://t.example/x?a=1&token=a%2Bb');
  new Tracker(['wss://t.example/'], undefined, events).connect(0);
  await turn();
  assert.equal(Socket.all[1].url, 'wss://t.example/');
  tracker.end();
  assert.deepEqual([tracker.timers, tracker.listeners, tracker.size], [0, 0, 0]);
});

test('a function is asked for each connection, and again before its token ends', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000_000_000 });
  let asked = 0;
  const token = () => jwt({ exp: 1_000_000_000 + 100 * ++asked });
  const tracker = new Tracker(['wss://t.example/'], token, events);
  tracker.connect(0);
  await turn();
  Socket.all[0].open();
  assert.equal(asked, 1);
  t.mock.timers.tick(69_999);
  await turn();
  assert.equal(asked, 1);
  t.mock.timers.tick(1);
  await turn();
  assert.deepEqual([asked, Socket.all[0].sent], [2, [JSON.stringify({ action: 'token', token: jwt({ exp: 1_000_000_200 }) })]]);
  t.mock.timers.tick(100_000);
  await turn();
  assert.equal(asked, 3);
  tracker.connect(0);
  await turn();
  assert.deepEqual([asked, Socket.all.length], [4, 2]);
  tracker.end();
});

test('a token that cannot be had fails the attempt, and one that never comes does in time', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const failing = new Tracker(['wss://t.example/'], () => Promise.reject(new Error('the page’s server is down')), events);
  failing.connect(0);
  await turn();
  assert.deepEqual([note, Socket.all.length], [['closed'], 0]);
  const waiting = new Tracker(['wss://t.example/'], () => new Promise(() => undefined), events);
  waiting.connect(0);
  t.mock.timers.tick(8_001);
  await turn();
  assert.deepEqual([note, Socket.all.length], [['closed', 'closed'], 0]);
});

test('a renewal that fails is tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const tokens = [jwt({ exp: 100 }), undefined, jwt({ exp: 1_000 })];
  const token = async () => tokens.shift() ?? Promise.reject(new Error('not now'));
  const tracker = new Tracker(['wss://t.example/'], token, events);
  tracker.connect(0);
  await turn();
  Socket.all[0].open();
  t.mock.timers.tick(70_000);
  await turn();
  assert.equal(Socket.all[0].sent.length, 0);
  t.mock.timers.tick(10_000);
  await turn();
  assert.equal(Socket.all[0].sent.length, 1);
  tracker.end();
});

test('another token is told over the connection that is open', async () => {
  const tracker = new Tracker(['wss://t.example/'], 'one', events);
  tracker.connect(0);
  await turn();
  Socket.all[0].open();
  tracker.setToken('two');
  await turn();
  assert.deepEqual(Socket.all[0].sent, ['{"action":"token","token":"two"}']);
  tracker.end();
});

test('lent servers are handed on, the engine gets binary only, and noise is nothing', async () => {
  const tracker = new Tracker(['wss://t.example/'], undefined, events);
  tracker.connect(0);
  await turn();
  const [socket] = Socket.all;
  const servers = [{ urls: ['stun:t.example:3478'] }, { urls: ['turn:t.example'], username: '1:a', credential: 'b' }];
  socket.message(JSON.stringify({ action: 'ice', ice_servers: servers, ttl: 60 }));
  for (const noise of ['', 'null', '{"action":"ice"}', '{"action":"ice","ice_servers":[{"urls":"http:x"}]}', '{"action":"announce"}']) {
    socket.message(noise);
  }
  socket.message(new ArrayBuffer(7));
  assert.deepEqual(note, [servers, 7]);
  tracker.end();
});

test('when a token is to be renewed', () => {
  const rows = [
    [jwt({ exp: 1_000 }), 970_000], [jwt({ exp: 20 }), 10_000], [jwt({ exp: 0 }), undefined], [jwt({}), undefined],
    [jwt({ exp: 1e12 }), 2_147_483_647], ['no token', undefined], ['', undefined],
  ];
  for (const [token, wanted] of rows) assert.equal(renewalMs(token, 0), wanted, token);
});

test('a tracker that names another node is obeyed once', async () => {
  const tracker = new Tracker(['wss://a.example/'], undefined, events);
  tracker.connect(0);
  await turn();
  Socket.all[0].open();
  const moved = Object.assign(new Event('close'), { code: 4421, reason: 'wss://b.example/' });
  Socket.all[0].dispatchEvent(moved);
  assert.deepEqual(note, ['open', 'closed']);
  for (const place of [1, 2]) {
    tracker.connect(0);
    await turn();
    Socket.all[place].dispatchEvent(Object.assign(new Event('close'), { code: 1006, reason: '' }));
  }
  assert.deepEqual(Socket.all.map((socket) => socket.url), ['wss://a.example/', 'wss://b.example/', 'wss://a.example/']);
});

/** A room over a socket and a history that the test plays: order, holes, one's own lines, connections that break. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from './load.mjs';

const { RoomError, openRoom } = await load('room/index.ts');
const { decode, encode } = await load('room/wire.ts');

const text = (bytes) => new TextDecoder().decode(bytes);
const turn = async () => { for (let i = 0; i < 30; i += 1) await Promise.resolve(); };
const jwt = (claims) => `e30.${btoa(JSON.stringify(claims)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}.c2ln`;
const MEI = jwt({ sub: '7', name: 'Mei', exp: 4_000_000_000 });

/** A WebSocket whose other end is the test. */
class Socket extends EventTarget {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    super();
    this.url = url;
    Socket.all.push(this);
  }

  send(bytes) { this.sent.push(...decode(bytes)); }
  close() { this.readyState = 3; }
  say(bytes) { this.dispatchEvent(new MessageEvent('message', { data: bytes.buffer })); }
  reply(operation, body, sequence = 0) { this.say(encode(operation, sequence, body)); }
  ends(code = 1_006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event('close'), { code }));
  }

  /** Lets the viewer in; what it had said when it came. */
  open(...past) {
    this.readyState = 1;
    this.dispatchEvent(new Event('open'));
    const hello = JSON.parse(text(this.sent[0].body));
    this.reply(8, '{"code":0}');
    for (const message of past) this.say(message);
    this.reply(3, new Uint8Array([0, 0, 0, 42]));
    return hello;
  }
}

/** A push of the room. */
function push(sequence, event, { epoch = 1, rank = 3 } = {}) {
  const body = new TextEncoder().encode(JSON.stringify(event));
  const frame = new Uint8Array(32 + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, frame.length);
  view.setUint16(4, 32);
  view.setUint16(6, 1);
  view.setUint32(8, 5);
  view.setUint32(16, epoch);
  view.setBigUint64(20, BigInt(sequence));
  view.setUint8(28, rank);
  frame.set(body, 32);
  return encode(9, 0, frame);
}

const danmu = (words, { id = `${words}-id`, person = 1, name = 'one' } = {}) =>
  ({ cmd: 'DANMU_MSG', info: [[0, 5, 25, 255, 1_700_000_000_000, 0, 0, '', 0, 0, 0, '', 0, '{}', '{}', { extra: JSON.stringify({ id_str: id }) }], words, [person, name, 0]] });
const line = (sequence, words = String(sequence), who = {}) => push(sequence, danmu(words, who));
const recall = (sequence, id) => push(sequence, { cmd: 'RECALL_DANMU_MSG', data: { id_str: id } }, { rank: 0 });
const kept = (sequence, words = String(sequence), epoch = 1) =>
  ({ id: `${words}-id`, at_ms: 1_700_000_000_000, epoch, sequence, user: '1', name: 'one', text: words, mode: 'scroll', color: 255, level: 0, moderator: false });

let asked;
let answers;
beforeEach(() => {
  globalThis.WebSocket = Socket;
  globalThis.window = new EventTarget();
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  Math.random = () => 0;
  Socket.all.length = 0;
  asked = [];
  answers = {};
  globalThis.fetch = async (url, { method }) => {
    const path = url.replace('https://api.example/chat/v1/rooms/live/1/', '');
    asked.push(`${method} ${path}`);
    const found = answers[path.split('?')[0]];
    const [status, body] = (typeof found === 'function' ? found(path) : found) ?? [200, {}];
    return new Response(status === 204 ? null : JSON.stringify(body), { status });
  };
});

async function come(t, options = {}) {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const told = [];
  const room = openRoom({ addresses: 'wss://a.example/sub', room: 'live://1', api: 'https://api.example/chat/v1', token: MEI, ...options });
  t.after(() => { room.close(); });
  room.on('line', ({ text: words, past }) => told.push(past ? `(${words})` : words));
  room.on('withdrawn', ({ ids }) => told.push(`-${ids}`));
  room.on('gap', ({ from, to, filled }) => told.push(`${filled ? 'filled' : 'lost'} ${from}-${to}`));
  room.on('own', ({ state, key }) => told.push(`${key} ${state}`));
  await turn();
  return { room, told };
}

test('the viewer says who it is and what it knows, and what it is shown from before is past', async (t) => {
  const { room, told } = await come(t, { follows: [3], history: 5 });
  assert.equal(room.state.is, 'connecting');
  const hello = Socket.all[0].open(line(4), line(5));
  assert.deepEqual(hello, { room_id: 'live://1', token: MEI, shoal: { version: 1, history: 5, follows: [3] } });
  Socket.all[0].say(line(6));
  assert.deepEqual([told, room.state.is, room.online], [['(4)', '(5)', '6'], 'open', 42]);
  assert.deepEqual(room.me, { person: 7, name: 'Mei', level: 0, moderator: false });
});

test('what the room left out of the past that it shows is not missed', async (t) => {
  const { told } = await come(t);
  Socket.all[0].open(line(4), line(7), push(9, danmu('next'), { epoch: 2 }), push(10, danmu('last'), { epoch: 2 }));
  assert.deepEqual([told, asked.filter((path) => path.includes('comments'))], [['(4)', '(7)', '(next)', '(last)'], []]);
});

test('a line has what the room says of it, and names the viewer where it does', async (t) => {
  const { room } = await come(t);
  const lines = [];
  room.on('line', (one) => lines.push(one));
  Socket.all[0].open();
  Socket.all[0].say(push(9, danmu('hi @mei', { id: '12', person: 3, name: 'Lin' }), { rank: 1 }));
  assert.deepEqual(lines, [{
    id: '12', epoch: 1, sequence: 9, text: 'hi @mei', person: 3, name: 'Lin', level: 0, moderator: false, kind: 'paid', class: 'paid',
    color: '#0000ff', atMs: 1_700_000_000_000, own: false, mentions: true, past: false, key: null,
  }]);
});

test('what the room is, and what the viewer is in it, is asked for', async (t) => {
  answers.settings = [200, { slow_s: 5, followers_s: null, level_min: 2, closed: false }];
  answers.me = [200, { name: 'Mei', level: 3, role: 'moderator' }];
  const { room } = await come(t);
  Socket.all[0].open();
  await turn();
  assert.deepEqual(room.settings, { slowSeconds: 5, followersSeconds: null, levelMin: 2, closed: false });
  assert.deepEqual([room.me.level, room.me.moderator], [3, true]);
  Socket.all[0].say(push(1, { cmd: 'SHOAL_ROOM_SETTINGS', data: { slow_s: 0, closed: true } }, { rank: 0 }));
  assert.deepEqual([room.settings.slowSeconds, room.settings.closed], [0, true]);
});

test('a hole is filled from history in its place, with what was taken back in it', async (t) => {
  answers.comments = [200, { comments: [kept(3)], recalled: ['1-id'], whole: true }];
  const { told } = await come(t);
  Socket.all[0].open();
  Socket.all[0].say(line(1));
  Socket.all[0].say(line(5));
  assert.deepEqual(told, ['1']);
  t.mock.timers.tick(1);
  await turn();
  assert.equal(asked.find((path) => path.includes('after')), 'GET comments?after=1.1&before=1.5&limit=200');
  assert.deepEqual(told, ['1', '-1-id', '3', 'filled 2-4', '5']);
});

test('history that does not answer is asked again, and where it cannot know the hole is lost', async (t) => {
  let failing = true;
  answers.comments = () => (failing ? [503, { error: { code: 'unavailable', message: 'busy', retry_after_ms: 500 } }] : [200, { comments: [kept(2)], whole: true }]);
  const { told } = await come(t);
  Socket.all[0].open(line(1));
  Socket.all[0].say(line(3));
  for (let second = 0; second < 3; second += 1) {
    t.mock.timers.tick(1_000);
    await turn();
  }
  assert.deepEqual(told, ['(1)']);
  failing = false;
  t.mock.timers.tick(1_000);
  await turn();
  assert.deepEqual(told, ['(1)', '2', 'filled 2-2', '3']);
  answers.comments = [200, { comments: [], whole: false }];
  Socket.all[0].say(line(6));
  t.mock.timers.tick(1);
  await turn();
  assert.deepEqual(told.slice(4), ['lost 4-5', '6']);
});

test('a room that leaves much out is not asked for all of it', async (t) => {
  answers.comments = [200, { comments: [], whole: true }];
  const { told } = await come(t);
  Socket.all[0].open(line(0));
  for (let sequence = 2; sequence <= 20; sequence += 2) {
    Socket.all[0].say(line(sequence));
    t.mock.timers.tick(1);
    await turn();
  }
  assert.equal(asked.filter((path) => path.startsWith('GET comments')).length, 5);
  assert.deepEqual(told.filter((one) => one.startsWith('lost')).length, 5);
  assert.equal(told.at(-1), '20');
});

test('a recall does not wait for what is missing before it, and what it names is not shown later', async (t) => {
  answers.comments = [200, { comments: [kept(2), kept(3)], whole: true }];
  const { told } = await come(t);
  Socket.all[0].open();
  Socket.all[0].say(line(1));
  Socket.all[0].say(line(4));
  Socket.all[0].say(recall(5, '3-id'));
  Socket.all[0].say(recall(6, '4-id'));
  assert.deepEqual(told, ['1', '-3-id', '-4-id']);
  t.mock.timers.tick(1);
  await turn();
  assert.deepEqual(told, ['1', '-3-id', '-4-id', '2', 'filled 2-3']);
});

test('a connection that breaks is made again at the next address, and the room goes on where it was', async (t) => {
  const { room, told } = await come(t, { addresses: ['wss://a.example/sub', 'wss://b.example/sub'] });
  Socket.all[0].open(line(1));
  Socket.all[0].say(line(2));
  Socket.all[0].ends();
  assert.equal(room.state.is, 'waiting');
  t.mock.timers.tick(1_000);
  await turn();
  assert.equal(Socket.all[1].url, 'wss://b.example/sub');
  const { shoal } = Socket.all[1].open(line(3), line(4));
  assert.deepEqual(shoal, { version: 1, history: 50, follows: [], epoch: 1, sequence: 2 });
  Socket.all[1].say(line(5));
  assert.deepEqual([told, room.state.is], [['(1)', '2', '3', '4', '5'], 'open']);
});

test('what another connection brings of a hole fills it', async (t) => {
  answers.comments = () => [503, { error: { code: 'unavailable', message: 'busy', retry_after_ms: 500 } }];
  const { told } = await come(t);
  Socket.all[0].open(line(1));
  Socket.all[0].say(line(4));
  Socket.all[0].ends();
  t.mock.timers.tick(1_000);
  await turn();
  assert.equal(Socket.all[1].open(line(2), line(3), line(4)).shoal.sequence, 1);
  assert.deepEqual(told, ['(1)', '2', '3', '4']);
});

test('another epoch goes on behind the one before, and history is asked for what was between', async (t) => {
  answers.comments = [200, { comments: [kept(2)], recalled: [], whole: true }];
  const { told } = await come(t);
  Socket.all[0].open(line(1));
  Socket.all[0].ends();
  t.mock.timers.tick(1_000);
  await turn();
  Socket.all[1].open();
  Socket.all[1].say(push(1, danmu('new'), { epoch: 2 }));
  t.mock.timers.tick(1);
  await turn();
  assert.equal(asked.find((path) => path.includes('after')), 'GET comments?after=1.1&before=2.1&limit=200');
  assert.deepEqual(told, ['(1)', '2', 'new']);
});

test('a line of one’s own is there at once, whichever comes first, the room’s word or its answer', async (t) => {
  const { room, told } = await come(t);
  const keys = [];
  room.on('line', ({ own, key }) => keys.push([own, key]));
  const [socket] = Socket.all;
  socket.open();
  const me = { person: 7, name: 'Mei' };
  const first = room.send('one', { kind: 'top', color: '#00ff00' });
  const second = room.send('two', { replyTo: { name: 'Lin' } });
  const said = socket.sent.filter(({ operation }) => operation === 4);
  assert.deepEqual(said.map(({ body }) => JSON.parse(text(body))), [
    { text: 'one', mode: 'top', color: 0x00ff00 }, { text: '@Lin two', mode: 'scroll', color: 0xffffff },
  ]);
  socket.reply(4, '{"code":0,"id":"11","held":false}', said[0].sequence);
  socket.say(line(1, 'one', { id: '11', ...me }));
  socket.say(line(2, '@Lin two', { id: '12', ...me }));
  socket.reply(4, '{"code":0,"id":"12","held":false}', said[1].sequence);
  assert.deepEqual([await first, await second], [{ ok: true, id: '11', held: false }, { ok: true, id: '12', held: false }]);
  assert.deepEqual(told, ['own-1 sending', 'own-2 sending', 'own-1 sent', 'one', '@Lin two', 'own-2 sent']);
  assert.deepEqual(keys, [[true, 'own-1'], [true, 'own-2']]);
});

test('a refusal comes with its words and its wait', async (t) => {
  const { room } = await come(t);
  const [socket] = Socket.all;
  assert.equal((await room.send('early')).refusal.code, 'offline');
  socket.open();
  assert.equal((await room.send('  ')).refusal.code, 'empty');
  assert.equal((await room.send('x'.repeat(5_000))).refusal.code, 'too_long');
  const sent = room.send('spam');
  socket.reply(4, '{"code":-403,"error":"slow_mode","message":"the room is in slow mode; wait","retry_after_ms":3000}', socket.sent.at(-1).sequence);
  assert.deepEqual(await sent, { ok: false, refusal: { code: 'slow_mode', message: 'The room is in slow mode; wait.', retryAfterMs: 3_000 } });
  assert.ok(room.nextSendAtMs > performance.now() + 2_000);
});

test('at the limit lines are on their way, and one past it waits', async (t) => {
  const { room } = await come(t);
  Socket.all[0].open();
  const sent = [...Array(8)].map((_, at) => room.send(`${at}`));
  assert.equal((await room.send('one more')).refusal.code, 'backlog');
  room.close();
  for (const one of sent) assert.equal((await one).refusal.code, 'lost');
});

test('a line whose connection broke is sent if the room has it, and lost if not', async (t) => {
  const { room } = await come(t);
  Socket.all[0].open(line(1));
  const [said, lost] = [room.send('said'), room.send('never heard')];
  Socket.all[0].ends();
  t.mock.timers.tick(1_000);
  await turn();
  Socket.all[1].open(line(2, 'said', { id: '9', person: 7 }));
  assert.deepEqual(await said, { ok: true, id: '9', held: false });
  assert.equal((await lost).refusal.code, 'lost');
});

test('somebody without a token reads and does not speak, and takes a name without missing a line', async (t) => {
  const { room, told } = await come(t, { token: undefined });
  Socket.all[0].open(line(1));
  assert.deepEqual([room.me, (await room.send('hello')).refusal.code], [null, 'guest']);
  assert.equal((await room.report('1', 'rude')).refusal.code, 'guest');
  room.setToken(MEI);
  await turn();
  assert.deepEqual(Socket.all[1].open(line(2)).shoal.sequence, 1);
  Socket.all[1].say(line(3));
  assert.deepEqual([told, room.me.name], [['(1)', '2', '3'], 'Mei']);
});

test('a token that does not count is renewed once, and then the room says so', async (t) => {
  const renewed = [];
  const { room } = await come(t, { token: (renew) => { renewed.push(renew); return MEI; } });
  for (const [at, socket] of [[0], [1]].map(([at]) => [at, () => Socket.all[at]])) {
    assert.equal(Socket.all.length, at + 1);
    socket().readyState = 1;
    socket().dispatchEvent(new Event('open'));
    socket().reply(8, '{"code":-101}');
    await turn();
  }
  assert.deepEqual([renewed, room.state.is, room.state.code], [[false, true], 'refused', 'token_invalid']);
});

test('a token that its source refuses for good is the room’s refusal, and one that fails is tried again', async (t) => {
  let why = new Error('down');
  const { room } = await come(t, { token: () => Promise.reject(why) });
  await turn();
  assert.equal(room.state.is, 'waiting');
  why = new RoomError({ code: 'filtered', message: 'Another name.', retryAfterMs: null });
  t.mock.timers.tick(1_000);
  await turn();
  assert.deepEqual(room.state, { is: 'refused', code: 'filtered', message: 'Another name.' });
});

test('whoever is shown out before anything was said is told so and not let try for ever', async (t) => {
  const { room } = await come(t);
  const [socket] = Socket.all;
  socket.readyState = 1;
  socket.dispatchEvent(new Event('open'));
  socket.reply(8, '{"code":0}');
  socket.ends(1_008);
  assert.deepEqual([room.state.is, room.state.code], ['refused', 'banned']);
  t.mock.timers.tick(100_000);
  await turn();
  assert.equal(Socket.all.length, 1);
});

test('an edge that falls silent, or speaks otherwise, is left for another', async (t) => {
  const { room } = await come(t);
  Socket.all[0].open();
  t.mock.timers.tick(30_000);
  assert.equal(Socket.all[0].sent.at(-1).operation, 2);
  t.mock.timers.tick(10_000);
  assert.equal(room.state.is, 'waiting');
  t.mock.timers.tick(1_000);
  await turn();
  Socket.all[1].open();
  Socket.all[1].say(new Uint8Array(20));
  assert.equal(room.state.is, 'waiting');
  assert.equal(Socket.all[1].readyState, 3);
});

test('moderators’ calls and history are asked of the API, and answers come as values', async (t) => {
  answers['sanctions/9/mute'] = [403, { error: { code: 'outranked', message: 'ask somebody above them', retry_after_ms: null } }];
  answers.comments = [200, { comments: [kept(1), { text: 5 }, kept(2)], more: true, whole: true }];
  answers['comments/5'] = [204];
  const { room } = await come(t);
  Socket.all[0].open();
  await turn();
  asked.length = 0;
  assert.deepEqual(await room.recall('5'), { ok: true });
  assert.equal((await room.mute(9, 60)).refusal.code, 'outranked');
  assert.equal((await room.mute(2 ** 60)).refusal.code, 'query');
  const page = await room.history({ epoch: 1, sequence: 3 });
  assert.deepEqual([page.lines.map(({ text: words, past }) => [words, past]), page.more], [[['1', true], ['2', true]], true]);
  await room.historyAt(1.5, 2.5);
  assert.deepEqual(asked, ['DELETE comments/5', 'PUT sanctions/9/mute', 'GET comments?before=1.3&limit=50', 'GET comments?from=1&until=3&limit=200']);
});

test('after the end nothing is told and nothing is tried', async (t) => {
  const { room, told } = await come(t);
  Socket.all[0].open(line(1));
  room.close();
  Socket.all[0].say(line(2));
  Socket.all[0].ends();
  t.mock.timers.tick(200_000);
  await turn();
  assert.deepEqual([told, room.state.is, Socket.all.length, Socket.all[0].readyState], [['(1)'], 'closed', 1, 3]);
});

test('a hole of many lines is filled page by page, and a page too many is left', async (t) => {
  const numbers = (from, to) => [...Array(to - from)].map((_, at) => kept(from + at));
  answers.comments = (path) => {
    const [, before] = /before=1\.(\d+)/.exec(path);
    const from = Math.max(2, before - 200);
    return [200, { comments: numbers(from, Number(before)), more: from > 2, whole: from === 2 }];
  };
  const { told } = await come(t);
  Socket.all[0].open(line(1));
  Socket.all[0].say(line(603));
  t.mock.timers.tick(1);
  await turn();
  await turn();
  assert.equal(asked.filter((path) => path.startsWith('GET comments')).length, 4);
  assert.deepEqual(told, ['(1)', ...numbers(2, 603).map(({ text: words }) => words), 'filled 2-602', '603']);
  Socket.all[0].say(line(2_000));
  t.mock.timers.tick(1);
  for (let i = 0; i < 5; i += 1) await turn();
  assert.deepEqual(told.slice(-3), ['1999', 'lost 604-1999', '2000']);
});

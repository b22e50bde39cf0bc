/** Guests' tokens: asked for by name, kept, exchanged before they end, refused in words. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { load } from './load.mjs';

const { guestToken } = await load('room/index.ts');
const { holder } = await load('room/identity.ts');

const API = 'https://chat.example/chat/v1';
let asked;
let answers;
let kept;
beforeEach(() => {
  asked = [];
  kept = new Map();
  globalThis.localStorage = { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value) };
  globalThis.fetch = async (url, { headers, body }) => {
    asked.push([url.replace(API, ''), headers.get('authorization'), body]);
    const [status, value] = answers.shift();
    return new Response(JSON.stringify(value), { status });
  };
});
const signed = (token, seconds) => [200, { token, until_ms: Date.now() + seconds * 1_000, refresh_until_ms: Date.now() + 86_400_000 }];
const refused = (status, code, wait = null) => [status, { error: { code, message: `it is ${code}`, retry_after_ms: wait } }];

test('a name becomes a token, which is shown until it nears its end and then exchanged', async () => {
  const token = guestToken({ api: `${API}/`, name: 'Mei', keep: 'guest' });
  answers = [signed('one', 900), signed('two', 20), signed('three', 900)];
  assert.deepEqual([await token(false), await token(false), await token(true), await token(false)], ['one', 'one', 'two', 'three']);
  assert.deepEqual(asked, [
    ['/guests', null, '{"name":"Mei"}'], ['/tokens/refresh', 'Bearer one', undefined], ['/tokens/refresh', 'Bearer two', undefined],
  ]);
});

test('the next visit is the same guest, and another name is another one', async () => {
  answers = [signed('one', 900)];
  await guestToken({ api: API, name: 'Mei', keep: 'guest' })(false);
  assert.equal(await guestToken({ api: API, name: 'Mei', keep: 'guest' })(false), 'one');
  answers = [signed('other', 900)];
  assert.equal(await guestToken({ api: API, name: 'Lin', keep: 'guest' })(false), 'other');
  kept.set('guest', '{"name":"Lin","token":5}');
  answers = [signed('again', 900)];
  assert.equal(await guestToken({ api: API, name: 'Lin', keep: 'guest' })(false), 'again');
});

test('a token that is not exchanged any more becomes a new guest; a server that is busy is asked later', async () => {
  const token = guestToken({ api: API, name: 'Mei' });
  answers = [signed('one', 900), refused(401, 'token_expired'), signed('new', 900)];
  await token(false);
  assert.equal(await token(true), 'new');
  answers = [refused(503, 'unavailable', 1_000)];
  await assert.rejects(token(true), ({ refusal }) => refusal.code === 'unavailable' && refusal.retryAfterMs === 1_000);
  assert.equal(kept.size, 0);
});

test('a name that is refused is refused in words, for good', async () => {
  answers = [refused(422, 'filtered')];
  await assert.rejects(guestToken({ api: API, name: 'rude' })(false), ({ refusal }) =>
    refusal.code === 'filtered' && refusal.message === 'It is filtered.' && refusal.retryAfterMs === null);
});

test('what a token says of its holder is read, and nothing else is', () => {
  const jwt = (claims) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  const rows = [
    [jwt({ sub: '7', name: '大白鲨', level: 3, role: 'moderator' }), { person: 7, name: '大白鲨', level: 3, moderator: true }],
    [jwt({ sub: 7 }), { person: 7, name: '7', level: 0, moderator: false }],
    [jwt({ sub: 'x' }), null],
    [jwt([]), null],
    ['a.b', null],
    ['', null],
  ];
  for (const [token, wanted] of rows) assert.deepEqual(holder(token), wanted, token);
});

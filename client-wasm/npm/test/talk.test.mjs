/** What the room beside the picture says of lines and refusals, without a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { load, repository } from './load.mjs';

const { inWords, duration } = await load('talk/refusals.ts');
const { entryOfMessage, entryOfOwn } = await load('talk/entry.ts');

test('every refusal of the chat edge and of a room is told in words of our own', () => {
  const source = repository('chat-edge/src/moderation/refusal.rs');
  const codes = [...source.matchAll(/Self::\w+(?:\(_\))? => "([a-z_]+)"/g)].map(([, code]) => code);
  assert.ok(codes.length >= 18, String(codes));
  for (const code of [...codes, 'offline', 'lost', 'no_api', 'unreachable', 'backlog', 'role', 'outranked']) {
    assert.ok(!inWords({ code, message: 'RAW', retryAfterMs: null }).includes('RAW'), code);
  }
});

test('what has no words of ours is told in the room’s, and a wait is told with both', () => {
  const rows = [
    [{ code: 'new_one', message: 'not on Sundays', retryAfterMs: null }, 'Not on Sundays.'],
    [{ code: 'toString', message: '', retryAfterMs: null }, 'That did not work.'],
    [{ code: 'slow_mode', message: 'x', retryAfterMs: 4_200 }, 'Slow mode is on. Try again in 5 s.'],
    [{ code: 'muted', message: 'x', retryAfterMs: 600_000 }, 'A moderator has muted you here. Try again in 10 min.'],
    [{ code: 'muted', message: 'x', retryAfterMs: 200 }, 'A moderator has muted you here.'],
  ];
  for (const [refusal, words] of rows) assert.equal(inWords(refusal), words);
  assert.deepEqual([1, 1_000, 120_000, 121_000].map(duration), ['1 s', '1 s', '120 s', '3 min']);
});

test('a line of the viewer’s own says where it stands, and nothing of who else sees it', () => {
  const me = { person: 7, name: 'Ada', moderator: false };
  const line = { key: 'own-1', state: 'sending', text: 'x', kind: 'scroll', color: '#ffffff', id: null, held: false, refusal: null };
  const states = [line, { ...line, state: 'sent', id: '5' }, { ...line, state: 'sent', id: '5', held: true }, { ...line, state: 'refused', refusal: { code: 'closed', message: '', retryAfterMs: null } }];
  assert.deepEqual(states.map((one) => entryOfOwn(one, me).state.is), ['sending', 'said', 'held', 'refused']);
});

test('gifts are rows, and whatever has another shape is none', () => {
  const told = (command, data) => entryOfMessage({ command, body: { data }, class: 'paid', past: false });
  assert.equal(told('SEND_GIFT', { uid: 4, uname: 'Mei', giftName: 'Whale', num: 3, action: 'sends' }).text, 'sends Whale ×3');
  assert.equal(told('SUPER_CHAT_MESSAGE', { uid: 4, user_info: { uname: 'Mei' }, message: 'hi' }).name, 'Mei');
  for (const data of [null, 5, {}, { giftName: 7 }, { giftName: '' }, []]) assert.equal(told('SEND_GIFT', data), null, JSON.stringify(data));
  assert.equal(told('LIKE_INFO_V3_CLICK', { uname: 'Mei' }), null);
});

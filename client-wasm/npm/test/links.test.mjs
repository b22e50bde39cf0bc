/** Links: which servers for ICE a connection is made with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from './load.mjs';

const { Links } = await load('internal/links.ts');

/** An RTCPeerConnection that notes its configuration and never gets anywhere. */
class Connection extends EventTarget {
  static configs = [];
  iceGatheringState = 'new';

  constructor(config) {
    super();
    Connection.configs.push(config);
  }

  createDataChannel() { return Object.assign(new EventTarget(), { close() {} }); }
  createOffer() { return new Promise(() => undefined); }
  setRemoteDescription() { return new Promise(() => undefined); }
  close() {}
}

test('a connection is made with the servers that are known then, whichever side dials', () => {
  globalThis.RTCPeerConnection = Connection;
  const own = [{ urls: 'stun:own.example' }];
  const lent = [{ urls: ['stun:t.example:3478'] }, { urls: ['turn:t.example'], username: '1:a', credential: 'b' }];
  const links = new Links(own, {});
  links.dial(1);
  links.iceServers = lent;
  links.dial(2);
  links.accept(3, 'v=0');
  assert.deepEqual(Connection.configs, [{ iceServers: own }, { iceServers: lent }, { iceServers: lent }]);
  links.end();
  assert.deepEqual([links.size, links.timers, links.listeners], [0, 0, 0]);
});

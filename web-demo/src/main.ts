/** The live page: a player, and a panel that shows what its session does. */

import '@shoal/player/element';
import type { PlainReason, PlayState, Session, Stats } from '@shoal/player';

import { parseAddress, streamName, withP2p } from './address.js';
import { find, write } from './dom.js';
import { History } from './history.js';
import type { Card } from './panel/card.js';
import { distance } from './panel/distance.js';
import { WHOLE, map } from './panel/map.js';
import { PLAIN, offload } from './panel/offload.js';
import { ALONE, peers } from './panel/peers.js';
import { sources } from './panel/sources.js';
import { strip, type Playback } from './panel/strip.js';
import { trade } from './panel/trade.js';
import { talk } from './talk.js';

/** How often the panel is drawn, in milliseconds: blocks live for seconds, and drawing costs what playing could use. */
const DRAW_EVERY_MS = 500;

/** Draws between two samples of the charts: one sample a second. */
const DRAWS_PER_SAMPLE = 2;

const CHIP: Readonly<Record<PlayState, readonly [tone: string, text: string]>> = {
  idle: ['quiet', 'No stream'],
  loading: ['quiet', 'Connecting'],
  playing: ['live', 'Live'],
  paused: ['quiet', 'Paused'],
  stalled: ['wait', 'Waiting for data'],
  absent: ['wait', 'Waiting for stream'],
  dropped: ['wait', 'Interrupted'],
  ended: ['quiet', 'Ended'],
  unsupported: ['wait', 'Cannot play here'],
};

const address = parseAddress(location.search);
const player = document.createElement('shoal-player');
player.setAttribute('src', address.src);
player.toggleAttribute('autoplay', true);
player.toggleAttribute('muted', true);
if (!address.p2p) player.setAttribute('p2p', 'off');
const playback = watch(player);
find(document, '#frame').append(player);
void talk(player);

write(find(document, '#stream-name'), streamName(address.src, location.href));
const p2pSwitch = find<HTMLAnchorElement>(document, '#p2p-switch');
p2pSwitch.href = withP2p(location.search, !address.p2p);
write(p2pSwitch, address.p2p ? 'P2P is on' : 'P2P is off');
p2pSwitch.title = address.p2p ? 'Play from the origin alone' : 'Share the stream with other viewers';
p2pSwitch.dataset['on'] = String(address.p2p);

const history = new History();
const cards: readonly Card[] = [offload(), sources(), trade(), distance(), peers(), map(), strip(playback)];
let draws = 0;
setInterval(draw, DRAW_EVERY_MS);

/** Shows the session as it is now; what nobody looks at is not drawn. */
function draw(): void {
  showState(player.state);
  const { session } = player;
  if (session === null) return;
  const stats = session.stats();
  draws += 1;
  if (draws % DRAWS_PER_SAMPLE === 0) sample(stats);
  if (document.hidden) return;
  show(session, stats);
}

function sample(stats: Stats): void {
  history.push({
    peerBytes: stats.peerBytes + stats.superPeerBytes,
    originBytes: stats.originBytes + stats.plainBytes,
    behindMs: stats.behindLiveSeconds === null ? null : stats.behindLiveSeconds * 1_000,
  });
}

function show(session: Session, stats: Stats): void {
  const view = {
    state: player.state,
    stats,
    peers: session.peers(),
    blocks: session.blocks(),
    renditions: session.renditions(),
    history,
  };
  for (const card of cards) card(view);
}

/** A browser that plays by itself has no session, and the cards nothing to show. */
function showPlain(reason: PlainReason): void {
  write(find(document, '#offload [data-figure=note]'), PLAIN[reason]);
  write(find(document, '#peers .empty'), ALONE);
  write(find(document, '#map .wait'), WHOLE);
}

function showState(state: PlayState): void {
  const chip = find(document, '#state');
  const [tone, text] = CHIP[state];
  chip.dataset['tone'] = tone;
  write(chip, text);
}

/** Counts what a viewer feels: the wait for the first picture, and the waits after it. */
function watch(element: HTMLElementTagNameMap['shoal-player']): Playback {
  const counted: Playback = { startMs: null, stalls: 0 };
  const began = performance.now();
  element.addEventListener('shoal-mode', ({ detail: { reason } }) => {
    if (element.session === null && reason !== null) showPlain(reason);
  });
  element.addEventListener('shoal-state', () => {
    if (element.state === 'playing') counted.startMs ??= performance.now() - began;
    if (element.state === 'stalled' && counted.startMs !== null) counted.stalls += 1;
  });
  return counted;
}

/** Keys that viewers expect of a player. */

/** What keys do. */
export interface KeyDeeds {
  readonly video: HTMLVideoElement;
  toggle(): void;
  goLive(): void;
  mute(): void;
  full(): void;
}

const SEEK_SECONDS = 5;
const VOLUME_STEP = 0.1;

/** Acts on a key; a key with a modifier, or on a control that needs it itself, is left alone. */
export function onKey(event: KeyboardEvent, deeds: KeyDeeds): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
  const target = event.composedPath()[0];
  const onButton = target instanceof HTMLButtonElement && (event.key === ' ' || event.key === 'Enter');
  const onRange = target instanceof HTMLInputElement && event.key.startsWith('Arrow');
  const act = ACTS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (onButton || onRange || act === undefined) return;
  event.preventDefault();
  act(deeds);
}

const ACTS: Readonly<Record<string, (deeds: KeyDeeds) => void>> = {
  ' ': (deeds) => { deeds.toggle(); },
  k: (deeds) => { deeds.toggle(); },
  m: (deeds) => { deeds.mute(); },
  f: (deeds) => { deeds.full(); },
  l: (deeds) => { deeds.goLive(); },
  ArrowLeft: ({ video }) => { seek(video, -SEEK_SECONDS); },
  ArrowRight: ({ video }) => { seek(video, SEEK_SECONDS); },
  ArrowUp: ({ video }) => { turn(video, VOLUME_STEP); },
  ArrowDown: ({ video }) => { turn(video, -VOLUME_STEP); },
};

function seek(video: HTMLVideoElement, seconds: number): void {
  const { seekable } = video;
  if (seekable.length === 0) return;
  const to = Math.min(video.currentTime + seconds, seekable.end(seekable.length - 1));
  video.currentTime = Math.max(to, seekable.start(0));
}

function turn(video: HTMLVideoElement, step: number): void {
  video.volume = Math.min(1, Math.max(0, video.volume + step));
  video.muted = video.volume === 0;
}

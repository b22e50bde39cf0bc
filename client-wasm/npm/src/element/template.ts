/** The element's inside: the picture, what is said over it, and the controls. */

/** Paths on a grid of 24. */
const ICONS = {
  play: 'M8 5v14l11-7z',
  pause: 'M6 5h4v14H6zm8 0h4v14h-4z',
  volume: 'M4 9v6h4l5 5V4L8 9zm12.5 3a4.5 4.5 0 0 0-2.5-4v8a4.5 4.5 0 0 0 2.5-4zM14 3.2v2.1a7 7 0 0 1 0 13.4v2.1a9 9 0 0 0 0-17.6z',
  muted: 'M4 9v6h4l5 5V4L8 9zm17.5.9-1.4-1.4-2.1 2.1-2.1-2.1-1.4 1.4 2.1 2.1-2.1 2.1 1.4 1.4 2.1-2.1 2.1 2.1 1.4-1.4-2.1-2.1z',
  quality: 'M4 6h10v2H4zm14 0h2v2h-2zM15 4h2v6h-2zM4 11h2v2H4zm6 0h10v2H10zM7 9h2v6H7zm-3 7h8v2H4zm12 0h4v2h-4zm-3-2h2v6h-2z',
  full: 'M5 5h6v2H7v4H5zm8 0h6v6h-2V7h-4zM5 13h2v4h4v2H5zm12 0h2v6h-6v-2h4z',
  shrink: 'M9 5h2v6H5V9h4zm4 0h2v4h4v2h-6zM5 13h6v6H9v-4H5zm8 0h6v2h-4v4h-2z',
} as const;

export type Icon = keyof typeof ICONS;

export function icon(name: Icon): string {
  return `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${ICONS[name]}"/></svg>`;
}

export const TEMPLATE = `
<div id="box" part="box" role="region" aria-label="Live video" tabindex="0">
  <video id="video" part="video" playsinline></video>
  <div id="poster" part="poster" hidden></div>
  <div id="over" part="over">
    <div id="spinner" part="spinner" role="progressbar" aria-label="Loading" hidden></div>
    <button id="big" part="big-play" type="button" aria-label="Play" hidden>${icon('play')}</button>
    <div id="notice" part="notice" role="status" aria-live="polite" hidden><strong id="headline"></strong><span id="detail"></span></div>
  </div>
  <button id="unmute" part="unmute" type="button" hidden>${icon('muted')}<span>Tap for sound</span></button>
  <div id="bar" part="bar" role="group" aria-label="Controls">
    <button id="play" type="button" aria-label="Play" title="Play (space)">${icon('play')}</button>
    <button id="mute" type="button" aria-label="Mute" title="Mute (m)">${icon('volume')}</button>
    <input id="volume" type="range" min="0" max="1" step="0.05" value="1" aria-label="Volume">
    <button id="live" part="live" type="button" aria-label="At the live edge" title="Go to live (l)"><i></i><span>Live</span></button>
    <span id="gap"></span>
    <div id="quality" hidden>
      <button id="choose" type="button" aria-label="Quality" aria-haspopup="menu" aria-expanded="false" title="Quality">${icon('quality')}</button>
      <div id="menu" part="menu" role="menu" aria-label="Quality" hidden></div>
    </div>
    <button id="full" type="button" aria-label="Full screen" title="Full screen (f)">${icon('full')}</button>
  </div>
</div>`;

/**
 * What a viewer feels, measured at the picture and not at the player: when the first frame showed, how often and how
 * long the picture stood still, and how far it was behind the encoder's clock.
 */

import { clockOf } from './clock.js';

/** How often the picture's position is looked at, in milliseconds. */
const LOOK_EVERY_MS = 100;

/** A picture that has stood for this long stalls: three frames of the slowest test picture are 200 ms. */
const STALL_AFTER_MS = 300;

/** Looks between two readings of the clock. */
const LOOKS_PER_READING = 5;

/** Starts to observe; the returned object is live. */
export function observe(video) {
  const seen = { firstFrameMs: null, stalls: 0, stalledMs: 0, distances: [] };
  video.requestVideoFrameCallback?.(() => {
    seen.firstFrameMs = performance.now();
  });
  const clock = clockOf(video);
  let [at, movedMs, stalling, looks] = [video.currentTime, performance.now(), false, 0];
  setInterval(() => {
    const nowMs = performance.now();
    // Where frames cannot be watched, the first movement stands for the first frame.
    if (seen.firstFrameMs === null && video.currentTime > 0) seen.firstFrameMs = nowMs;
    if (video.currentTime !== at || video.paused || video.ended || seen.firstFrameMs === null) {
      if (stalling) seen.stalledMs += nowMs - movedMs;
      [at, movedMs, stalling] = [video.currentTime, nowMs, false];
    } else if (!stalling && nowMs - movedMs > STALL_AFTER_MS) {
      stalling = true;
      seen.stalls += 1;
    }
    looks += 1;
    if (looks % LOOKS_PER_READING !== 0 || seen.firstFrameMs === null) return;
    const takenMs = clock();
    if (takenMs !== null) seen.distances.push({ atMs: Date.now(), ms: Date.now() - takenMs });
  }, LOOK_EVERY_MS);
  return seen;
}

/** The player's clock and the stream's: media time, as `video.currentTime` has it, and EXT-X-PROGRAM-DATE-TIME. */

/** What is needed of a playlist's segment: hls.js fragments have it. */
export interface Dated {
  /** Media time in seconds. */
  readonly start: number;
  /** Seconds. */
  readonly duration: number;
  /** Unix milliseconds. */
  readonly programDateTime: number | null;
}

/**
 * The stream time (ms) of a media time (s): by the segment that covers it, else by the nearest; `undefined` where the
 * playlist has no dates.
 */
export function streamTime(segments: readonly Dated[], mediaTime: number): number | undefined {
  let nearest: Dated | undefined;
  for (const segment of segments) {
    if (segment.programDateTime === null) continue;
    if (nearest !== undefined && segment.start > mediaTime) break;
    nearest = segment;
  }
  if (nearest?.programDateTime == null) return undefined;
  return Math.max(0, Math.round(nearest.programDateTime + (mediaTime - nearest.start) * 1_000));
}

/** Gaps shorter than this are played over (hls.js nudges over them too). */
const HOLE_SECONDS = 0.1;

/** The media time up to which there is media without a gap. */
export function bufferedUntil(buffered: TimeRanges, from: number): number {
  let end = from;
  for (let at = 0; at < buffered.length; at += 1) {
    if (buffered.start(at) <= end + HOLE_SECONDS && buffered.end(at) > end) end = buffered.end(at);
  }
  return end;
}

/** The back-off of retries. */

const RETRY_MS = 1_000;

/** Milliseconds before the next try: doubling up to `most`, and jittered by half, so that viewers do not all come at once. */
export function retryMs(attempt: number, most: number, random: () => number = Math.random): number {
  return Math.min(RETRY_MS * 2 ** attempt, most) * (0.5 + random() / 2);
}

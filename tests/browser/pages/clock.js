/**
 * Reads the clock that the test picture carries: 64 squares in two rows at the bottom edge, white = 1. A mark byte, 48
 * bits of milliseconds since 1970, and a sum; `docs/test-picture.md` has the layout.
 */

const COLUMNS = 32;
const ROWS = 2;
const MARK = 0xa5;

/** Returns a reader for one video; each call gives the time in the picture now, or null where none can be read. */
export function clockOf(video) {
  const canvas = new OffscreenCanvas(COLUMNS, ROWS);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  return () => {
    const square = video.videoWidth / COLUMNS;
    if (square === 0) return null;
    const top = video.videoHeight - ROWS * square;
    // One pixel a square, taken from its middle: scaling and compression blur only the edges.
    for (let row = 0; row < ROWS; row += 1) {
      for (let column = 0; column < COLUMNS; column += 1) {
        const [x, y] = [(column + 0.25) * square, top + (row + 0.25) * square];
        context.drawImage(video, x, y, square / 2, square / 2, column, row, 1, 1);
      }
    }
    try {
      return decode(context.getImageData(0, 0, COLUMNS, ROWS).data);
    } catch {
      // A picture that the browser loaded by itself from another origin may not be read.
      return null;
    }
  };
}

function decode(pixels) {
  const bytes = new Uint8Array(8);
  for (let at = 0; at < COLUMNS * ROWS; at += 1) {
    const luma = pixels[at * 4] + pixels[at * 4 + 1] + pixels[at * 4 + 2];
    if (luma > 384) bytes[at >> 3] |= 0x80 >> (at & 7);
  }
  const time = bytes.subarray(1, 7);
  const sum = time.reduce((total, byte) => (total + byte) & 0xff, MARK);
  if (bytes[0] !== MARK || bytes[7] !== sum) return null;
  return time.reduce((value, byte) => value * 256 + byte, 0);
}

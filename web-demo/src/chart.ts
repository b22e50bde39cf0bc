/** Paths in a box of 120 × 100, newest point at the right edge. Strings only: what draws them is the caller's. */

/** The box's width: the charts' `viewBox`. */
const WIDTH = 120;

/** What the two axes reach: points along, and the value at the top. */
export interface Scale {
  readonly span: number;
  readonly top: number;
}

/** The upper line of a series, as an SVG path; gaps where a value is missing. */
export function line(values: readonly (number | null)[], scale: Scale): string {
  let path = '';
  let pen = 'M';
  values.forEach((value, at) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    path += `${pen}${point(at, value, values.length, scale)}`;
    pen = 'L';
  });
  return path;
}

/** The area between two series. */
export function area(lower: readonly number[], upper: readonly number[], scale: Scale): string {
  if (upper.length < 2) return '';
  const back = lower.map((value, at) => `L${point(at, value, lower.length, scale)}`).reverse();
  return `${line(upper, scale)}${back.join('')}Z`;
}

/** A round number at or above the largest value: 1, 2 or 5 times a power of ten. */
export function roundTop(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= largest) ?? 10;
  return step * power;
}

function point(at: number, value: number, count: number, { span, top }: Scale): string {
  const x = WIDTH * (1 - (count - 1 - at) / (span - 1));
  const y = 100 * (1 - Math.min(value, top) / top);
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

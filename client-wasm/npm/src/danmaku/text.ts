/** A line's text as it is drawn: one row, no tricks with the direction of what stands beside it, and an end. */

/** Characters at most: nobody reads more in the time that a line is there. */
const CHARS_MAX = 200;
/** Marks that turn the direction of what follows (UAX #9), and controls that fonts draw as boxes. */
const TRICKS = /[\u202A-\u202E\u2066-\u2069]|(?![\t\n\r])\p{Cc}/gu;
/** Hebrew, Arabic, Syriac, Thaana, N'Ko and their forms: what is read from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/u;

/** The text in one row, cut between two characters as people see them. */
export function lineText(text: string): string {
  // No more is looked at than could be left over: a text may be as long as whoever sent it liked.
  const row = text.slice(0, 4 * CHARS_MAX).replace(TRICKS, '').replace(/\s+/gu, ' ').trim();
  return row.length <= CHARS_MAX ? row : cut(row);
}

function cut(row: string): string {
  let kept = '';
  for (const part of characters(row)) {
    if (kept.length + part.length > CHARS_MAX) break;
    kept += part;
  }
  return kept;
}

/** What people see as one character each; where the browser cannot tell, code points. */
export function* characters(text: string): Generator<string> {
  if (typeof Intl === 'object' && 'Segmenter' in Intl) {
    for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)) yield segment;
  } else {
    yield* text;
  }
}

/** The direction that a text begins in: that of its first letter. */
export function directionOf(text: string): 'ltr' | 'rtl' {
  const letter = /\p{L}/u.exec(text)?.[0] ?? '';
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

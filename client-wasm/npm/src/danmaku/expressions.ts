/** Regular expressions that viewers write, or import: only those that are quick on every line, since each line meets each. */

/** Characters of one. */
export const EXPRESSION_CHARS_MAX = 200;
/** Steps that an expression may take at worst on the longest line, by the estimate below: a fraction of a second. */
const STEPS_MAX = 2_000_000_000;
/** As a line is cut. */
const LINE_CHARS_MAX = 200;

/** The expression; `null` where it is none, or one that could take long. */
export function parseExpression(source: unknown): RegExp | null {
  if (typeof source !== 'string' || source.trim() === '' || source.length > EXPRESSION_CHARS_MAX) return null;
  try {
    const expression = new RegExp(source, 'iu');
    return LINE_CHARS_MAX * new Estimate(source).alternatives() <= STEPS_MAX ? expression : null;
  } catch {
    return null;
  }
}

/**
 * How many ways through an expression there are: alternatives add up, a sequence multiplies, a repetition has as many ways as
 * a line has characters. What is repeated must have one way only, else there is no end to it. The source is well-formed.
 */
class Estimate {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): number {
    let ways = this.#sequence();
    while (this.#take('|')) ways += this.#sequence();
    return ways;
  }

  #sequence(): number {
    let ways = 1;
    while (this.#at < this.#source.length && !/[|)]/u.test(this.#source.charAt(this.#at))) ways *= this.#term();
    return ways;
  }

  #term(): number {
    const ways = this.#atom();
    const repeat = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})\??/u.exec(this.#source.slice(this.#at));
    if (repeat === null) return ways;
    this.#at += repeat[0].length;
    const [all, least = '', comma = '', most = ''] = repeat;
    if (all.startsWith('?')) return ways + 1;
    if (least !== '' && comma === '') return ways ** Number(least);
    if (ways > 1) return Infinity;
    return most === '' ? LINE_CHARS_MAX : Math.min(LINE_CHARS_MAX, Number(most) - Number(least) + 1);
  }

  #atom(): number {
    if (this.#take('(')) {
      const named = /^\?(?:[:=!]|<[=!]|<[^>]*>)/u.exec(this.#source.slice(this.#at));
      this.#at += named?.[0].length ?? 0;
      const ways = this.alternatives();
      this.#take(')');
      return ways;
    }
    if (this.#take('[')) {
      this.#at += /^(?:\\.|[^\]\\])*\]?/su.exec(this.#source.slice(this.#at))?.[0].length ?? 0;
      return 1;
    }
    if (!this.#take('\\')) {
      this.#at += 1;
      return 1;
    }
    // What refers back is looked for again at every place.
    const refersBack = /^(?:[1-9]|k<)/u.test(this.#source.slice(this.#at));
    this.#at += /^(?:[pPu]\{[^}]*\}|k<[^>]*>|.)/su.exec(this.#source.slice(this.#at))?.[0].length ?? 1;
    return refersBack ? Infinity : 1;
  }

  #take(char: string): boolean {
    if (this.#source.charAt(this.#at) !== char) return false;
    this.#at += 1;
    return true;
  }
}

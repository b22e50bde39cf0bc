/** What the viewer does not want to read, for the layer and for lists: words and people by the module, expressions here. */

import { parseExpression } from './expressions.js';
import type { Filter as Rules } from './module.js';
import type { Settings } from './types.js';

/** An expression that takes this long so often is switched off until the choices change: lines matter more. */
const SLOW_MS = 50;
const SLOW_TIMES_MAX = 3;

/** One expression, and how often it was slow. */
interface Expression {
  readonly expression: RegExp;
  slow: number;
}

export class Filter {
  readonly #rules: Rules;
  #expressions: Expression[] = [];

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  choose({ words, people, expressions }: Settings): void {
    this.#expressions = expressions.map(parseExpression).filter((one) => one !== null).map((expression) => ({ expression, slow: 0 }));
    this.#rules.clear();
    for (const word of words) this.#rules.blockWord(word);
    for (const { id } of people) this.#rules.blockPerson(id);
  }

  /** Whether the viewer wants to read this line of this person. */
  allows(text: string, person = 0): boolean {
    return this.#rules.allows(text, person) && !this.#expressions.some((one) => this.#matches(one, text));
  }

  end(): void {
    this.#rules.free();
  }

  #matches(one: Expression, text: string): boolean {
    const began = performance.now();
    const matches = one.expression.test(text);
    if (performance.now() - began > SLOW_MS) one.slow += 1;
    if (one.slow >= SLOW_TIMES_MAX) {
      console.warn(`@shoal/player/danmaku: the expression ${one.expression.source} is too slow and switched off`);
      this.#expressions = this.#expressions.filter((other) => other !== one);
    }
    return matches;
  }
}

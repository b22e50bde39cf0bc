/** Who the viewer is: the token, got when it is needed, renewed before it ends, and what it says. */

import { Lifetime } from '../internal/lifetime.js';
import { renewalMs } from '../internal/token.js';
import { count, parsed, text } from './events.js';
import type { Me, RoomToken } from './types.js';

/** Between two attempts to renew a token. */
const AGAIN_MS = 10_000;
/** A page's server that takes longer does not answer. */
const TOKEN_MS_MAX = 15_000;
/** Those who keep order (`docs/spec/chat-api.md`). */
export const MODERATING: readonly unknown[] = ['moderator', 'streamer', 'operator'];

export class Identity {
  readonly #source: RoomToken | null;
  readonly #renewed: (token: string) => void;
  readonly #lifetime = new Lifetime();
  #token: string | null = null;
  #timer: number | undefined;

  /** `renewed` is told of each token that takes the place of one before it ended. */
  constructor(source: RoomToken | null, renewed: (token: string) => void) {
    this.#source = source;
    this.#renewed = renewed;
  }

  /** The token to show; `null` where the viewer only reads. */
  get token(): string | null {
    return this.#token;
  }

  /** Gets a token where there is none yet, or where the one before no longer counts (`renew`). */
  async get(renew: boolean): Promise<string | null> {
    if (typeof this.#source !== 'function') this.#token = this.#source;
    else if (renew || this.#token === null) {
      this.#token = await within(TOKEN_MS_MAX, Promise.resolve(this.#source(renew)));
      this.#renewLater();
    }
    return this.#token;
  }

  end(): void {
    this.#lifetime.end();
  }

  #renewLater(): void {
    this.#lifetime.cancel(this.#timer);
    const ms = this.#token === null ? undefined : renewalMs(this.#token);
    if (ms !== undefined) this.#timer = this.#lifetime.after(ms, () => { this.#renew(); });
  }

  #renew(): void {
    const before = this.#token;
    this.get(true).then((token) => {
      if (token !== null && token !== before) this.#renewed(token);
    }).catch(() => {
      this.#lifetime.cancel(this.#timer);
      this.#timer = this.#lifetime.after(AGAIN_MS, () => { this.#renew(); });
    });
  }
}

/** What a token says of its holder; `null` where it cannot be read. Only the server knows whether it is true. */
export function holder(token: string): Me | null {
  try {
    const bytes = Uint8Array.from(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const claims = parsed(new TextDecoder().decode(bytes));
    const person = count(Number(claims?.['sub']));
    if (claims === null || person === 0) return null;
    const name = text(claims['name']) || String(person);
    return { person, name, level: count(claims['level']), moderator: MODERATING.includes(claims['role']) };
  } catch {
    return null;
  }
}

function within<Value>(ms: number, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error('the token does not come')); }, ms);
    promise.then(resolve, reject).finally(() => { clearTimeout(late); });
  });
}

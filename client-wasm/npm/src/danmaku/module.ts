/** The comments' wasm module: fetched once a page, by pages that show comments. */

import init, { Comments } from '../../wasm/comments/client_wasm.js';

export type { Comments };

let loading: Promise<unknown> | undefined;

/** Makes a stage; rejects where the module cannot be had, and then the next call tries again. */
export async function makeComments(numbers: Float64Array): Promise<Comments> {
  loading ??= init({ module_or_path: new URL('./comments.wasm', import.meta.url) }).catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  await loading;
  return new Comments(numbers, performance.now());
}

/** The comments' wasm module: fetched once a page or worker, where comments are shown. */

import init, { Comments } from '../../wasm/comments/client_wasm.js';

export type { Comments };

/** A stage without a size yet: width, height, row; area and speed in percent, lines; what is shown, and merging. */
const NOTHING = [0, 0, 1, 50, 100, 300, 1, 1, 1, 1, 1];

let loading: Promise<unknown> | undefined;

/** Makes a stage; rejects where the module cannot be had, and then the next call tries again. */
export async function makeComments(): Promise<Comments> {
  loading ??= init({ module_or_path: new URL('./comments.wasm', import.meta.url) }).catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  await loading;
  return new Comments(Float64Array.from(NOTHING), performance.now());
}

/** The comments' wasm module: fetched once a page or worker, where comments are shown. */

import init, { Comments, Filter as Rules } from '../../wasm/comments/client_wasm.js';
import { Filter } from './filter.js';

export type { Comments, Rules as Filter };

/** A stage without a size yet: width, height, row; area and speed in percent, lines; what is shown, and merging. */
const NOTHING = [0, 0, 1, 50, 100, 300, 1, 1, 1, 1, 1];

let loading: Promise<unknown> | undefined;

/** Makes a stage and the filter in front of it; rejects where the module cannot be had, and then the next call tries again. */
export async function makeComments(): Promise<{ readonly comments: Comments; readonly filter: Filter }> {
  await loaded();
  return { comments: new Comments(Float64Array.from(NOTHING), performance.now()), filter: new Filter(new Rules()) };
}

/** Makes a filter alone, for a list. */
export async function makeFilter(): Promise<Filter> {
  await loaded();
  return new Filter(new Rules());
}

function loaded(): Promise<unknown> {
  loading ??= init({ module_or_path: new URL('./comments.wasm', import.meta.url) }).catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

/** The wasm module: fetched and compiled once a page, while the playlist is on its way. */

import type { PlainReason } from '../public/types.js';
import { instantiate } from './glue.js';

let loading: Promise<void> | undefined;
let poisoned = false;

/** Makes `Engine` ready; rejects where the module cannot be had, and then the next call tries again. */
export function loadModule(): Promise<void> {
  loading ??= fetch(new URL('./shoal.wasm', import.meta.url)).then(instantiate).catch((cause: unknown) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

/** Why there can be no swarm on this page; `null` where there can. */
export function lacking(): PlainReason | null {
  if (!('MediaSource' in window || 'ManagedMediaSource' in window)) return 'no-mse';
  if (typeof RTCPeerConnection === 'undefined') return 'no-webrtc';
  if (typeof WebAssembly === 'undefined') return 'no-wasm';
  return poisoned ? 'engine-failed' : null;
}

/** No further engine on this page, after a trap: the module's memory is shared by all sessions. */
export function poisonModule(): void {
  poisoned = true;
}

/** The wasm module: fetched and compiled once a page, while the playlist is on its way. */

import { Engine, initSync } from '../../wasm/client_wasm.js';

let loading: Promise<typeof Engine> | undefined;
let poisoned = false;

/** The module's class; rejects where it cannot be had, and after a trap: the module's memory is shared by all sessions. */
export function loadModule(): Promise<typeof Engine> {
  if (poisoned) return Promise.reject(new Error('the module trapped on this page before'));
  loading ??= instantiate();
  // The next session tries again.
  loading.catch(() => { loading = undefined; });
  return loading;
}

/** What this browser lacks for a swarm; `null` where it lacks nothing. */
export function lacking(): 'no-webrtc' | 'no-wasm' | null {
  if (typeof RTCPeerConnection === 'undefined') return 'no-webrtc';
  return typeof WebAssembly === 'undefined' ? 'no-wasm' : null;
}

/** No further engine on this page. */
export function poisonModule(): void {
  poisoned = true;
}

/** Compiles while the bytes arrive; servers that do not know `application/wasm` get them compiled afterwards. */
async function instantiate(): Promise<typeof Engine> {
  const response = await fetch(new URL('./shoal.wasm', import.meta.url));
  const typed = response.headers.get('content-type') === 'application/wasm';
  const module = typed ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
  initSync({ module: await module });
  return Engine;
}

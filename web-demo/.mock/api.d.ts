export * from '../../client-wasm/npm/src/public/types.js';
export { explain } from '../../client-wasm/npm/src/public/explain.js';
import type { Session, PlayState } from '../../client-wasm/npm/src/public/types.js';
declare global { interface HTMLElementTagNameMap { 'shoal-player': HTMLElement & { session: Session | null; state: PlayState } } }

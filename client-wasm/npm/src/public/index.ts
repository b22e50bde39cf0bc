/** `@shoal/player`: everything that a page may import. The element is a separate entry, `@shoal/player/element`. */

export { attach } from './attach.js';
export { explain } from './explain.js';
export type * from './types.js';

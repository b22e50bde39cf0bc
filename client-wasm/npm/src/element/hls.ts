/** hls.js, as a chunk of its own: a page that brings its own never loads it. */

export { default as Hls } from 'hls.js';

/** The build of the live page: static files with relative addresses, so that any server and any folder will do. */

import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    // hls.js is one chunk of that size, loaded by the player when it needs it.
    chunkSizeWarningLimit: 640,
  },
});

/**
 * Serves the pages of the cases, with the shipped package beside them, from a port of its own: the player, the page and
 * the stream then have different origins, as on a site that embeds the player.
 *
 * `/player/` is the package's `dist`, `/hls.js` the library, `/danmaku.js` and `/rival/` what ours is measured beside; everything
 * else is below this folder.
 */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { built } from './built.mjs';

const require = createRequire(import.meta.url);
const CASES = fileURLToPath(new URL('..', import.meta.url));
const HLS = join(dirname(require.resolve('hls.js/package.json')), 'dist', 'hls.mjs');

const DANMAKU = join(dirname(require.resolve('danmaku')), 'esm', 'danmaku.js');

/** The rival's published bundles, where the bench had them installed. */
const RIVAL = { '/rival/core.js': 'p2p-media-loader-core', '/rival/hlsjs.js': 'p2p-media-loader-hlsjs' };

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
};

/**
 * @param {string} host the address to listen at; pages call it `localhost`
 * @returns {Promise<{ origin: string, port: number, close(): Promise<void> }>}
 */
export async function servePages(host = '127.0.0.1') {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise((resolve) => server.listen(0, host, resolve));
  const { port } = server.address();
  return {
    origin: `http://localhost:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

async function answer(request, response) {
  const file = resolve(new URL(request.url, 'http://localhost').pathname);
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-length': found.size,
    // Browsers put no page away for going back to it whose server forbids to store it.
    'cache-control': 'no-cache',
  });
  createReadStream(file).pipe(response);
}

function resolve(pathname) {
  const path = normalize(decodeURIComponent(pathname));
  if (path === '/hls.js') return HLS;
  if (path === '/danmaku.js') return DANMAKU;
  const rival = RIVAL[path];
  if (rival !== undefined) return join(CASES, 'rival', 'node_modules', rival, 'dist', `${rival}.es.min.js`);
  if (path.startsWith('/player/')) return join(built('player'), path.slice('/player/'.length));
  return join(CASES, path);
}

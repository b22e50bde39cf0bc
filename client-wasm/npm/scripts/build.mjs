/**
 * Builds `dist/`: the entries and their chunks by esbuild, the module beside them, the types by tsc.
 *
 * hls.js is a chunk of its own that only the element loads; the hashes for plain-http pages are another.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const module = `${root}wasm/client_wasm_bg.wasm`;
if (!existsSync(module)) {
  console.error('wasm/ is missing: run `cargo xtask wasm` first');
  process.exit(1);
}

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { index: 'src/public/index.ts', element: 'src/element/index.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  // The module is fetched beside the files, not inlined.
  external: ['*.wasm'],
  chunkNames: '[name]-[hash]',
});
copyFileSync(module, `${root}dist/shoal.wasm`);
execFileSync('tsc', ['-p', 'tsconfig.json', '--emitDeclarationOnly'], { cwd: root, stdio: 'inherit' });

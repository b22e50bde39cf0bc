/**
 * Builds `dist/`: the entries and their chunks by esbuild, the module beside them, the types by tsc.
 *
 * Ours is minified twice: what a page loads is held against `size-budget.json`. The element is one file, since one file
 * compresses better than two; so it shares none with `index.js`, which is for pages that bring their own hls.js.
 * hls.js is a chunk of its own that only the element loads; its menu of qualities and the hashes for plain-http pages are others.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { minify } from 'terser';

const root = fileURLToPath(new URL('..', import.meta.url));
const module = `${root}wasm/client_wasm_bg.wasm`;
if (!existsSync(module)) {
  console.error('wasm/ is missing: run `cargo xtask wasm` first');
  process.exit(1);
}

rmSync(`${root}dist`, { recursive: true, force: true });
const ENTRIES = [
  { element: 'src/element/index.ts' },
  { index: 'src/public/index.ts', explain: 'src/public/explain.ts', danmaku: 'src/danmaku/index.ts', 'danmaku-worker': 'src/danmaku/worker.ts', room: 'src/room/index.ts', talk: 'src/talk/index.ts', comments: 'src/element/comments.ts', recorder: 'src/recorder/index.ts' },
];
/** The element's looks, laid out for readers in their source, are minified as what they are. */
const looks = {
  name: 'looks',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]element[\\/]style\.ts$/ }, async ({ path }) => {
      const source = readFileSync(path, 'utf8');
      const css = / = `([^`]*)`/.exec(source)?.[1] ?? '';
      const { code } = await transform(css, { loader: 'css', minify: true, charset: 'utf8' });
      return { contents: source.replace(css, () => code.trim()), loader: 'ts' };
    });
  },
};
/**
 * Names of properties that only the element's own file says: shortened in it. None is a name of the platform's or of
 * hls.js, and none is public, which is checked.
 */
const INTERNAL = [
  'answered', 'arrived', 'blockBytes', 'blockUrl', 'bufferedUntil', 'busyMs', 'bytesMax', 'bytesPerMs', 'destroying', 'dial',
  'firstByteMs', 'giveUp', 'hasPlayed', 'hasSource', 'hashesUrl', 'lifetime', 'linksAim', 'linksMax', 'listen', 'manifestLoaded',
  'notYet', 'onEnd', 'onPlain', 'onTrap', 'onUnchecked', 'peerId', 'playhead', 'segmentUrl', 'silence', 'spare', 'targetDurationMs',
];
const internal = new RegExp(`^(${INTERNAL.join('|')})$`);
const said = readFileSync(`${root}src/public/types.ts`, 'utf8').match(/\w+(?=\??[:(])/g) ?? [];
if (said.some((name) => internal.test(name))) throw new Error(`public names are shortened: ${said.filter((name) => internal.test(name)).join(', ')}`);

for (const entryPoints of ENTRIES) {
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    // The module is fetched beside the files, not inlined.
    // Comments share their files with the danmaku and room entries, and nothing with the element: it would be split for it.
    external: ['*.wasm', './comments.js'],
    plugins: [looks],
    chunkNames: '[name]-[hash]',
  });
}
// A second pass over what is ours takes another 4 % off; the libraries' chunks are left as they are.
for (const file of readdirSync(`${root}dist`).filter((name) => /^(element|index|explain|danmaku|danmaku-worker|room|talk|comments|recorder|menu-.*|chunk-.*)\.js$/.test(name))) {
  const { code } = await minify(readFileSync(`${root}dist/${file}`, 'utf8'), {
    // `unsafe` is about pages that replace String and its like. Functions with arguments, inlined, compress worse.
    module: true, ecma: 2020, compress: { passes: 3, inline: 1, unsafe_arrows: true, unsafe: true },
    mangle: { properties: file === 'element.js' ? { regex: internal } : false },
  });
  // In the element's strings a line breaks only where its template is laid out for readers.
  writeFileSync(`${root}dist/${file}`, file === 'element.js' ? code.replace(/\\n */g, '') : code);
}
copyFileSync(module, `${root}dist/shoal.wasm`);
copyFileSync(`${root}wasm/comments/client_wasm_bg.wasm`, `${root}dist/comments.wasm`);
copyFileSync(`${root}wasm/recorder/client_wasm_bg.wasm`, `${root}dist/recorder.wasm`);
execFileSync('tsc', ['-p', 'tsconfig.json', '--emitDeclarationOnly'], { cwd: root, stdio: 'inherit' });

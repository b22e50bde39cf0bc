/**
 * Sizes of files and of all that they load at once: static imports, and assets named by `new URL(…, import.meta.url)`.
 * What only some pages load, by `import()`, is left out, and so are packages (hls.js). Prints JSON; run by `cargo xtask wasm`.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const LOADS = [
  /\b(?:import|export)\b[^;"'`()]*?\bfrom\s*["'](\.[^"']+)["']/g,
  /\bimport\s*["'](\.[^"']+)["']/g,
  /\bnew URL\(\s*["'`]([^"'`]+)["'`]\s*,\s*import\.meta\.url\s*\)/g,
];

/** Adds `file` and what it loads to `found`. */
function follow(file, found) {
  if (found.has(file)) return;
  const bytes = readFileSync(file);
  found.set(file, bytes);
  if (!/\.m?js$/.test(file)) return;
  const text = bytes.toString("utf8");
  for (const pattern of LOADS) {
    for (const [, path] of text.matchAll(pattern)) follow(join(dirname(file), path), found);
  }
}

const found = new Map();
for (const entry of process.argv.slice(1).filter((argument) => argument !== "--")) follow(entry, found);

const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
const sizes = [...found].map(([file, bytes]) => ({
  file: relative(".", file),
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, { params }).length,
}));
process.stdout.write(JSON.stringify(sizes));

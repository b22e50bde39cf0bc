/** Prints the size of what a page with `<shoal-player>` loads of ours: raw, gzip -9, brotli 11. `cargo xtask wasm` holds the budget. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const budget = JSON.parse(readFileSync(new URL('../size-budget.json', import.meta.url), 'utf8'));

/** A file and what it imports at once; `import()` is what only some pages load, and is left out. */
function follow(file, found) {
  if (found.has(file)) return found;
  const bytes = readFileSync(dist + file);
  found.set(file, bytes);
  if (!file.endsWith('.js')) return found;
  const loads = /(?:\bfrom|\bimport)\s*"\.\/([^"]+)"|new URL\("\.\/([^"]+)",import\.meta\.url\)/g;
  for (const [, script, asset] of bytes.toString().matchAll(loads)) follow(script ?? asset, found);
  return found;
}

const sizes = [...follow('element.js', new Map())].map(([file, bytes]) => [
  file, bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length,
]);
const total = [1, 2, 3].map((column) => sizes.reduce((sum, row) => sum + row[column], 0));
for (const row of [['bytes', 'raw', 'gzip', 'brotli'], ...sizes, ['total', ...total]]) {
  console.log(row.map((cell, at) => (at === 0 ? String(cell).padEnd(28) : String(cell).padStart(9))).join(''));
}
console.log(`budget ${budget.brotli_bytes}, aim ${budget.aim_brotli_bytes}`);
process.exitCode = total[2] > budget.brotli_bytes ? 1 : 0;

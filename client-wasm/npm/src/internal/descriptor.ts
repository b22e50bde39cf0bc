/** The stream's descriptor (`docs/spec/descriptor.md`): parsed into values that keep every rule, or refused by name of the key. */

import { fromBase64Url, fromHex } from './bytes.js';

/** What a player must know of a stream. All URLs are absolute. */
export interface Descriptor {
  readonly stream: string;
  readonly swarm: Uint8Array<ArrayBuffer>;
  readonly trackers: readonly string[];
  readonly keys: ReadonlyMap<number, Uint8Array<ArrayBuffer>>;
  readonly renditions: readonly Rendition[];
  readonly blockBytes: number;
  readonly targetDurationMs: number;
  /** The URL of a block; `undefined` for a rendition that there is not. */
  blockUrl(rendition: number, segment: number, block: number): string | undefined;
  /** The URL of the hash list that covers at least so many blocks. */
  hashesUrl(rendition: number, segment: number, blocks: number): string | undefined;
}

/** One quality or audio track. */
export interface Rendition {
  readonly name: string;
  /** Its media playlist. */
  readonly playlist: string;
}

/** A descriptor is not read past this. */
export const DESCRIPTOR_BYTES_MAX = 65_536;

// As `protocol/src/limits.rs` has them.
const BLOCK_BYTES = 61_440;
const TRACKERS_MAX = 8;
const KEYS_MAX = 2;
const RENDITIONS_MAX = 32;
const URL_BYTES_MAX = 512;
const TARGET_DURATION_MS_MAX = 60_000;

/** A descriptor that breaks a rule. */
export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/** Parses the JSON text of the descriptor found at `url`. */
export function parseDescriptor(text: string, url: string): Descriptor {
  const raw = object(json(text), 'descriptor');
  must(raw['version'] === 1, 'version');
  const stream = name(raw['stream'], 'stream');
  const swarm = must(fromHex(string(raw['swarm'], 'swarm'), 20), 'swarm');
  const trackers = list(raw['trackers'], 'trackers', 0, TRACKERS_MAX).map((tracker) => {
    must(/^wss?:\/\//.test(string(tracker, 'trackers')), 'trackers');
    return absolute(tracker, url, 'trackers');
  });
  const keys = list(raw['keys'], 'keys', 1, KEYS_MAX).map(key);
  const renditions = list(raw['renditions'], 'renditions', 1, RENDITIONS_MAX).map((entry) => {
    const rendition = object(entry, 'renditions');
    const playlist = absolute(rendition['playlist'], url, 'renditions');
    return { name: name(rendition['name'], 'renditions'), playlist };
  });
  must(raw['block_bytes'] === BLOCK_BYTES, 'block_bytes');
  const blocks = template(raw['blocks'], 'blocks', ['rendition', 'segment', 'block']);
  const hashes = template(raw['hashes'], 'hashes', ['rendition', 'segment']);
  const targetDurationMs = integer(raw['target_duration_ms'], 'target_duration_ms', 1, TARGET_DURATION_MS_MAX);
  must(new Set(keys.map(([id]) => id)).size === keys.length, 'keys');
  must(new Set(renditions.map((rendition) => rendition.name)).size === renditions.length, 'renditions');
  const fill = (form: string, rendition: number, segment: number, block: number): string | undefined => {
    const named = renditions[rendition]?.name;
    if (named === undefined) return undefined;
    const path = form.replace('{rendition}', named).replace('{segment}', String(segment)).replace('{block}', String(block));
    return new URL(path, url).href;
  };
  const query = hashes.includes('?') ? '&' : '?';
  return {
    stream, swarm, trackers, renditions, targetDurationMs,
    keys: new Map(keys),
    blockBytes: BLOCK_BYTES,
    blockUrl: (rendition, segment, block) => fill(blocks, rendition, segment, block),
    hashesUrl: (rendition, segment, count) => fill(`${hashes}${query}blocks=${String(count)}`, rendition, segment, 0),
  };
}

function key(entry: unknown): [number, Uint8Array<ArrayBuffer>] {
  const raw = object(entry, 'keys');
  const bytes = fromBase64Url(string(raw['ed25519'], 'keys'), 32);
  return [integer(raw['id'], 'keys', 0, 0xffff_ffff), must(bytes, 'keys')];
}

/** 1 to 64 characters that URLs never escape, and no dot segment. */
function name(value: unknown, of: string): string {
  const text = string(value, of);
  must(/^[\w.~-]{1,64}$/.test(text) && !/^\.\.?$/.test(text), of);
  return text;
}

/** A URL with each of these placeholders once, and no other brace. */
function template(value: unknown, of: string, words: readonly string[]): string {
  const form = reference(value, of);
  const rest = words.reduce((left, word) => {
    must(left.includes(`{${word}}`), of);
    return left.replace(`{${word}}`, '_');
  }, form);
  must(!/[{}]/.test(rest), of);
  return form;
}

function absolute(value: unknown, base: string, of: string): string {
  const text = reference(value, of);
  must(URL.canParse(text, base), of);
  return new URL(text, base).href;
}

/** Printable ASCII without spaces. */
function reference(value: unknown, of: string): string {
  const text = string(value, of);
  must(/^[!-~]+$/.test(text) && text.length <= URL_BYTES_MAX, of);
  return text;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function object(value: unknown, of: string): Record<string, unknown> {
  must(typeof value === 'object' && value !== null && !Array.isArray(value), of);
  return value as Record<string, unknown>;
}

function list(value: unknown, of: string, least: number, most: number): unknown[] {
  must(Array.isArray(value) && value.length >= least && value.length <= most, of);
  return value as unknown[];
}

function string(value: unknown, of: string): string {
  must(typeof value === 'string', of);
  return value as string;
}

function integer(value: unknown, of: string, least: number, most: number): number {
  must(Number.isInteger(value) && (value as number) >= least && (value as number) <= most, of);
  return value as number;
}

/** What `of` must be. */
function must<T>(value: T, of: string): Exclude<T, undefined | false> {
  if (value === undefined || value === false) throw new DescriptorError(`${of} breaks its rule`);
  return value as Exclude<T, undefined | false>;
}

/** The stream's descriptor (`docs/spec/descriptor.md`): parsed into values that cannot be wrong, or refused with a reason. */

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
  /** The URL of a block. */
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

/** As `protocol/src/limits.rs` has them. */
const TRACKERS_MAX = 8;
const KEYS_MAX = 2;
const RENDITIONS_MAX = 32;
const STREAM_NAME_BYTES_MAX = 64;
const BLOCK_BYTES_MAX = 65_535;
/** A descriptor of 32 renditions and 8 trackers is under 8 KiB. */
export const DESCRIPTOR_BYTES_MAX = 65_536;

/** What is wrong with a descriptor. */
export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/** Parses the JSON text of the descriptor found at `url`. */
export function parseDescriptor(text: string, url: string): Descriptor {
  const raw = json(text);
  if (raw['version'] !== 1) fail('version is not 1');
  const stream = string(raw['stream'], 'stream');
  if (new TextEncoder().encode(stream).length > STREAM_NAME_BYTES_MAX) fail('stream is too long');
  const renditions = list(raw['renditions'], 'renditions', RENDITIONS_MAX).map((entry) => {
    const rendition = object(entry, 'renditions');
    const playlist = absolute(string(rendition['playlist'], 'renditions.playlist'), url);
    return { name: string(rendition['name'], 'renditions.name'), playlist };
  });
  const blocks = string(raw['blocks'], 'blocks');
  const hashes = string(raw['hashes'], 'hashes');
  const fill = (template: string, rendition: number, segment: number, block: number): string | undefined => {
    const name = renditions[rendition]?.name;
    return name === undefined ? undefined : absolute(filled(template, name, segment, block), url);
  };
  return {
    stream,
    swarm: fromHex(string(raw['swarm'], 'swarm'), 20) ?? fail('swarm is not 40 hex digits'),
    trackers: list(raw['trackers'], 'trackers', TRACKERS_MAX).map((tracker) => string(tracker, 'trackers')),
    keys: new Map(list(raw['keys'], 'keys', KEYS_MAX).map(key)),
    renditions,
    blockBytes: integer(raw['block_bytes'], 'block_bytes', BLOCK_BYTES_MAX),
    targetDurationMs: integer(raw['target_duration_ms'], 'target_duration_ms', 60_000),
    blockUrl: (rendition, segment, block) => fill(blocks, rendition, segment, block),
    hashesUrl: (rendition, segment, count) => {
      const list = fill(hashes, rendition, segment, 0);
      return list === undefined ? undefined : `${list}${list.includes('?') ? '&' : '?'}blocks=${String(count)}`;
    },
  };
}

function filled(template: string, rendition: string, segment: number, block: number): string {
  return template
    .replace('{rendition}', encodeURIComponent(rendition))
    .replace('{segment}', String(segment))
    .replace('{block}', String(block));
}

function key(entry: unknown): [number, Uint8Array<ArrayBuffer>] {
  const raw = object(entry, 'keys');
  const bytes = fromBase64Url(string(raw['ed25519'], 'keys.ed25519'), 32) ?? fail('keys.ed25519 is not 32 bytes');
  return [integer(raw['id'], 'keys.id', 0xffff_ffff), bytes];
}

function absolute(reference: string, base: string): string {
  try {
    return new URL(reference, base).href;
  } catch {
    return fail(`${reference} is not a URL`);
  }
}

function json(text: string): Record<string, unknown> {
  try {
    return object(JSON.parse(text), 'descriptor');
  } catch (error) {
    if (error instanceof DescriptorError) throw error;
    return fail('not JSON');
  }
}

function object(value: unknown, name: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : fail(`${name} is not an object`);
}

function list(value: unknown, name: string, max: number): unknown[] {
  if (!Array.isArray(value)) return fail(`${name} is not a list`);
  return value.length <= max ? (value as unknown[]) : fail(`${name} has more than ${String(max)} entries`);
}

function string(value: unknown, name: string): string {
  return typeof value === 'string' && value !== '' ? value : fail(`${name} is not a text`);
}

function integer(value: unknown, name: string, max: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
    ? value
    : fail(`${name} is not an integer from 0 to ${String(max)}`);
}

function fail(what: string): never {
  throw new DescriptorError(what);
}

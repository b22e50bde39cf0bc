/** Loading the descriptor, and why it failed. */

import type { PlainReason } from '../public/types.js';
import { DESCRIPTOR_BYTES_MAX, type Descriptor, DescriptorError, parseDescriptor } from './descriptor.js';
import type { RequestHook } from './fetcher.js';

/** A descriptor that has not come by then is unreachable. */
const DESCRIPTOR_MS_MAX = 5_000;

/** Why a swarm did not start. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly reason: PlainReason;

  constructor(reason: PlainReason, cause: unknown) {
    super(reason, { cause });
    this.reason = reason;
  }
}

/** The descriptor at `url`; fails with a {@link StartError}. */
export async function loadDescriptor(url: string, hook: RequestHook | undefined): Promise<Descriptor> {
  try {
    const response = await fetch(url, { ...hook?.(url), signal: AbortSignal.timeout(DESCRIPTOR_MS_MAX) });
    if (!response.ok) throw new Error(`HTTP ${String(response.status)}`);
    const text = await response.text();
    if (text.length > DESCRIPTOR_BYTES_MAX) throw new DescriptorError('too long');
    const descriptor = parseDescriptor(text, response.url);
    await checkKeys(descriptor);
    return descriptor;
  } catch (cause) {
    throw new StartError(cause instanceof DescriptorError ? 'descriptor-malformed' : 'descriptor-unreachable', cause);
  }
}

/** A key's id is the first 4 bytes of its own SHA-256, so that no two descriptors mean different keys by one name. */
async function checkKeys(descriptor: Descriptor): Promise<void> {
  // Absent on a plain-http page, where the hashes' module is not worth the wait.
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return;
  for (const [id, key] of descriptor.keys) {
    const digest = new DataView(await subtle.digest('SHA-256', key));
    if (digest.getUint32(0) !== id) throw new DescriptorError('keys breaks its rule');
  }
}

/** Whether two descriptors name the same keys. */
export function sameKeys(one: Descriptor, other: Descriptor): boolean {
  return [...one.keys.keys()].sort().join() === [...other.keys.keys()].sort().join();
}

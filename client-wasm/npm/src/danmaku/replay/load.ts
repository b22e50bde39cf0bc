/** Gets a file of comments from wherever it is, and never more of it than a file may have. */

import { ReplayError } from './error.js';
import { FILE_BYTES_MAX, parseReplay } from './file.js';
import type { LoadReplayOptions, Replay } from './types.js';

/** Loads and reads a file: of the viewer's (`Blob`, `File`), or at an address. Rejects with a {@link ReplayError}. */
export async function loadReplay(source: string | URL | Blob, { signal, request }: LoadReplayOptions = {}): Promise<Replay> {
  const body = source instanceof Blob ? source.stream() : await fetched(source, { ...request, ...(signal === undefined ? {} : { signal }) });
  return parseReplay(await text(body, signal));
}

async function fetched(source: string | URL, init: RequestInit): Promise<ReadableStream<Uint8Array> | null> {
  let response: Response;
  try {
    response = await fetch(source, init);
  } catch (cause) {
    init.signal?.throwIfAborted();
    throw new ReplayError('unreachable', `${String(source)} cannot be reached.`, { cause });
  }
  if (!response.ok) throw new ReplayError('unreachable', `${String(source)} answers ${String(response.status)}.`);
  return response.body;
}

async function text(body: ReadableStream<Uint8Array> | null, signal: AbortSignal | undefined): Promise<string> {
  const reader = body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let [all, bytes] = ['', 0];
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return all + decoder.decode();
      bytes += value.length;
      if (bytes > FILE_BYTES_MAX) throw new ReplayError('too_large', `A file of comments has ${String(FILE_BYTES_MAX)} bytes at most.`);
      all += decoder.decode(value, { stream: true });
    }
  } catch (cause) {
    await reader.cancel().catch(() => undefined);
    throw cause;
  }
}

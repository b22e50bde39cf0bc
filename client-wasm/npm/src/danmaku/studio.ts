/** Where the painter works: in a worker where the browser can, else here in the page. */

import { makeComments } from './module.js';
import { Painter, type Reply, type Word } from './painter.js';

/** A painter at work on its canvas. */
export interface Studio {
  readonly canvas: HTMLCanvasElement;
  tell(word: Word): void;
  end(): void;
}

/** A worker that has not said that it is there by then never will: its files are blocked, or it cannot load modules. */
const READY_MS_MAX = 5_000;

/** Rejects where neither way can be had: no WebAssembly, or its file cannot be loaded. */
export async function openStudio(hear: (reply: Reply) => void): Promise<Studio> {
  return (await inWorker(hear).catch(() => undefined)) ?? inPage(hear);
}

async function inPage(hear: (reply: Reply) => void): Promise<Studio> {
  const canvas = document.createElement('canvas');
  const painter = new Painter(canvas, await makeComments(), hear);
  return { canvas, tell: (word) => { painter.hear(word); }, end: () => { painter.hear({ do: 'end' }); } };
}

async function inWorker(hear: (reply: Reply) => void): Promise<Studio | undefined> {
  if (typeof Worker === 'undefined' || !('transferControlToOffscreen' in HTMLCanvasElement.prototype)) return undefined;
  const worker = startWorker();
  try {
    await ready(worker);
  } catch (cause) {
    worker.terminate();
    throw cause;
  }
  const canvas = document.createElement('canvas');
  const offscreen = canvas.transferControlToOffscreen();
  worker.onmessage = ({ data }: MessageEvent<Reply>) => { hear(data); };
  worker.postMessage({ canvas: offscreen }, [offscreen]);
  return { canvas, tell: (word) => { worker.postMessage(word); }, end: () => { worker.terminate(); } };
}

/** Written so that bundlers see the worker's file. From another origin a script that imports it has to stand for it. */
function startWorker(): Worker {
  try {
    return new Worker(new URL('./danmaku-worker.js', import.meta.url), { type: 'module' });
  } catch {
    const script = `import ${JSON.stringify(new URL('./danmaku-worker.js', import.meta.url).href)}`;
    return new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' });
  }
}

function ready(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => { reject(new Error('the worker does not answer')); }, READY_MS_MAX);
    worker.onmessage = () => {
      clearTimeout(late);
      resolve();
    };
    worker.onerror = (event) => {
      clearTimeout(late);
      reject(new Error(event.message));
    };
  });
}

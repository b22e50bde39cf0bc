/** The painter's worker: it draws, the page only tells it what. */

import { makeComments } from './module.js';
import { Painter, type Word } from './painter.js';

/** The first message: where to draw. */
interface Begin {
  readonly canvas: OffscreenCanvas;
}

const port = globalThis as unknown as DedicatedWorkerGlobal;
let painter: Painter | undefined;

/** What is used of a worker's global scope; its own types cannot stand beside a page's. */
interface DedicatedWorkerGlobal {
  onmessage: ((event: MessageEvent<Begin | Word>) => void) | null;
  postMessage(message: unknown): void;
}

// No `await` at the top: bundlers make classic scripts of workers.
void makeComments().then((stage) => {
  port.onmessage = ({ data }) => {
    if ('canvas' in data) {
      painter = new Painter(data.canvas, stage, (reply) => { port.postMessage(reply); });
    } else {
      painter?.hear(data);
    }
  };
  port.postMessage('ready');
});

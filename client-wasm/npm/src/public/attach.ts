/** The plug-in for pages that bring their own hls.js. */

import type Hls from 'hls.js';
import { PlayerSession } from '../internal/session.js';
import type { Options, Session } from './types.js';

/**
 * Lets the fragments of an hls.js instance (1.7) come from other viewers. Call it before `hls.loadSource`, so that the
 * playlist's descriptor is seen; the instance's own `fLoader`, or `loader`, loads whatever the swarm does not.
 */
export function attach(hls: Hls, options?: Options): Session {
  return new PlayerSession(hls, options);
}

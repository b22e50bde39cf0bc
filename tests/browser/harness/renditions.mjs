/** A source with several renditions of one picture: one encoder process, so that they share keyframes and clock. */

import { program } from './chromium.mjs';
import { Program } from './process.mjs';

/** Sizes and rates, by name. */
const KINDS = {
  '360p': { size: '640x360', kbit: 768 },
  '180p': { size: '320x180', kbit: 256 },
};

/**
 * Publishes to the URL's stream, once for each rendition.
 *
 * @param {string} publish `…/publish/{stream}/{rendition}?key=…`
 * @param {string[]} names
 */
export function publishRenditions(publish, names) {
  const args = ['-hide_banner', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25'];
  args.push('-re', '-f', 'lavfi', '-i', 'sine=frequency=220:sample_rate=48000');
  for (const name of names) {
    const { size, kbit } = KINDS[name];
    args.push('-map', '0:v', '-map', '1:a', '-s', size, '-c:v', 'libx264', '-preset', 'veryfast');
    args.push('-tune', 'zerolatency', '-profile:v', 'main', '-pix_fmt', 'yuv420p');
    args.push('-g', '50', '-keyint_min', '50', '-sc_threshold', '0', '-b:v', `${kbit}k`, '-maxrate', `${kbit}k`);
    args.push('-bufsize', `${kbit}k`, '-c:a', 'aac', '-b:a', '64k', '-f', 'mp4');
    args.push('-movflags', 'frag_keyframe+empty_moov+default_base_moof', '-frag_duration', '200000');
    args.push('-flush_packets', '1', '-method', 'PUT', renamed(publish, name));
  }
  return new Program(program('ffmpeg'), args);
}

function renamed(publish, name) {
  const url = new URL(publish);
  url.pathname = url.pathname.replace(/[^/]+$/, name);
  return url.href;
}

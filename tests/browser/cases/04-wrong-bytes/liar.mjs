/** Scripts for the page, run before its own: one that lies, and one that watches what the decoder is given. */

/** Replaces the end of every large message on every data channel by a mark that no encoder writes. */
export function lie() {
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function sendMarked(data) {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    // Only blocks are this long.
    if (bytes.length < 4_096) return send.call(this, data);
    const marked = bytes.slice();
    marked.fill(0xa5, marked.length - 1_024);
    return send.call(this, marked);
  };
}

/** Counts what is appended to a SourceBuffer and carries the mark. */
export function watchDecoder() {
  globalThis.badAppends = 0;
  const append = SourceBuffer.prototype.appendBuffer;
  SourceBuffer.prototype.appendBuffer = function appendWatched(data) {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    for (let at = 63, run = 0; at < bytes.length; at += 64) {
      run = bytes[at] === 0xa5 ? run + 1 : 0;
      if (run === 8) globalThis.badAppends += 1;
    }
    return append.call(this, data);
  };
}

/**
 * A WebRTC that only signals: it makes session descriptions and never connects. The tracker carries descriptions and
 * does not read them, and the native module that the stock client would bring needs a compiler.
 */

let made = 0;

class Channel {
  readyState = "connecting";
  bufferedAmount = 0;

  constructor(label) {
    this.label = label;
  }

  close() {
    this.readyState = "closed";
  }
}

export class RTCSessionDescription {
  constructor({ type, sdp }) {
    this.type = type;
    this.sdp = sdp;
  }
}

export class RTCIceCandidate {}

export class RTCPeerConnection {
  connectionState = "new";
  iceConnectionState = "new";
  iceGatheringState = "new";
  signalingState = "stable";
  localDescription = null;
  remoteDescription = null;

  createDataChannel(label) {
    return new Channel(label);
  }

  createOffer() {
    return Promise.resolve({ type: "offer", sdp: description() });
  }

  createAnswer() {
    return Promise.resolve({ type: "answer", sdp: description() });
  }

  async setLocalDescription(given) {
    this.localDescription = new RTCSessionDescription(given);
    this.iceGatheringState = "complete";
    // What a browser says when it has gathered every candidate; the client waits for it.
    queueMicrotask(() => this.onicecandidate?.({ candidate: null }));
  }

  async setRemoteDescription(given) {
    this.remoteDescription = given;
  }

  async addIceCandidate() {}

  close() {}
}

function description() {
  made += 1;
  return `v=0\r\no=- ${made} 2 IN IP4 127.0.0.1\r\ns=-\r\n${"a=candidate:1 1 udp 1 127.0.0.1 9 typ host\r\n".repeat(25)}`;
}

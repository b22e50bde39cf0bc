/** A door in front of a server: a TCP relay that a test can shut, so that the server is down for whoever uses it. */

import { connect, createServer } from 'node:net';

export class Door {
  #server;
  #sockets = new Set();
  #port = 0;
  #to;

  /** @param {string} url the server's address: `ws://host:port/…` */
  constructor(url) {
    this.#to = new URL(url);
  }

  /** Whoever comes from now on comes to this server: it has come back at another port. */
  lead(url) {
    this.#to = new URL(url);
  }

  /** The address to use in place of the server's. Known once the door has been opened or {@link reserve}d. */
  get url() {
    const url = new URL(this.#to);
    url.host = `127.0.0.1:${this.#port}`;
    return url.href;
  }

  /** Takes a port and gives it back: connections are refused, as by a server that is down. */
  async reserve() {
    await this.open();
    await this.shut();
    return this;
  }

  async open() {
    this.#server = createServer((from) => this.#relay(from));
    await new Promise((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = this.#server.address().port;
    return this;
  }

  /** Cuts every connection and refuses new ones. */
  async shut() {
    if (!this.#server?.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #relay(from) {
    const to = connect(Number(this.#to.port), this.#to.hostname);
    for (const [near, far] of [
      [from, to],
      [to, from],
    ]) {
      this.#sockets.add(near);
      near.on('error', () => far.destroy());
      near.on('close', () => {
        this.#sockets.delete(near);
        far.destroy();
      });
      near.pipe(far);
    }
  }
}

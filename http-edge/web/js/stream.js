// One WebSocket to /v1/stream: signs in when there is a token, keeps the subscriptions, notices a dead line. It lives for
// one connection; session.js makes the next.

import { parseFrame } from './wire.js';

const SUBPROTOCOL = 'dabba.v1+json';
const PING_MS = 10_000;
const SILENCE_MS = 25_000; // no word for so long, pings unanswered: the line is dead
const OPEN_MS = 10_000;

const BUSY = new Set(['overloaded', 'unavailable']); // refusals that say nothing about the token

/** Close code of our own for a line that went silent; the node's own are in docs/api.md. */
export const SILENT = 4900;

export class Stream {
  #socket;
  #nextId = 1;
  #pending = new Map(); // request id -> what to call with its ack or error
  #topics = new Map(); // topic -> handler of its messages
  #heard = performance.now();
  #timers = [];
  #closed = false;
  #on;

  /**
   * Connects. `on.ready()` once topics may be subscribed (after sign-in, if there is a token), `on.time(at, scale)` for
   * what the node says of its clock, `on.closed(code)` exactly once.
   */
  constructor(url, token, on) {
    this.#on = on;
    this.#socket = new WebSocket(url, SUBPROTOCOL);
    this.#socket.onopen = () => this.#opened(token);
    this.#socket.onmessage = (event) => this.#received(event.data);
    this.#socket.onclose = (event) => this.#finish(event.code);
    this.#timers.push(
      setTimeout(() => this.#socket.readyState === WebSocket.CONNECTING && this.#drop(SILENT), OPEN_MS),
    );
  }

  /**
   * Subscribes: `handler(message)` gets the topic's messages, `refused(code)` says that there will be none. `since` is
   * the last sequence number already known.
   */
  subscribe(topic, { since, handler, refused }) {
    this.#topics.set(topic, handler);
    this.#request({ type: 'subscribe', topic, ...(since === undefined ? {} : { since }) }, (reply) => {
      if (reply.type !== 'error') return;
      this.#topics.delete(topic);
      refused?.(String(reply.code));
    });
  }

  unsubscribe(topic) {
    if (this.#topics.delete(topic)) this.#request({ type: 'unsubscribe', topic });
  }

  /** Presents a fresh token before the old one runs out. */
  renew(token) {
    this.#request({ type: 'auth', token });
  }

  /** Ends the connection; `on.closed` is not called any more. */
  close() {
    this.#closed = true;
    this.#stop();
    this.#socket.close(1000);
  }

  #opened(token) {
    this.#heard = performance.now();
    this.#timers.push(setInterval(() => this.#beat(), PING_MS));
    if (!token) {
      this.#on.ready();
      return;
    }
    this.#request({ type: 'auth', token }, (reply) => {
      if (reply.type !== 'error') this.#on.ready();
      else this.#drop(BUSY.has(reply.code) ? 1013 : 4401);
    });
  }

  #request(message, reply) {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const id = this.#nextId++;
    if (reply) this.#pending.set(id, reply);
    this.#socket.send(JSON.stringify({ ...message, id }));
  }

  #beat() {
    if (performance.now() - this.#heard > SILENCE_MS) this.#drop(SILENT);
    else this.#request({ type: 'ping' });
  }

  #received(text) {
    this.#heard = performance.now();
    const message = parseFrame(text);
    if (!message) return;
    if (message.type === 'ack' || message.type === 'error') {
      if (message.now !== undefined) this.#on.time(message.now, message.scale);
      const reply = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      reply?.(message);
    } else {
      this.#topics.get(message.topic)?.(message);
    }
  }

  #drop(code) {
    this.#finish(code);
    this.#socket.close();
  }

  #finish(code) {
    if (this.#closed) return;
    this.#closed = true;
    this.#stop();
    this.#on.closed(code);
  }

  #stop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#pending.clear();
    this.#topics.clear();
  }
}

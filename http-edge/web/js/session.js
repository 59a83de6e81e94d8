// Staying connected to the city: which zones there are, the stream of the chosen one, and coming back after a loss with a
// bounded back-off. Its state is one of connecting, live, empty (the node knows no zone yet), lost, closed (a token is
// needed).

import { SILENT, Stream } from './stream.js';
import * as wire from './wire.js';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;
const PATIENT_WAIT_MS = 5_000; // after the node said that it is overloaded, or that we are too fast
const EMPTY_WAIT_MS = 2_000;
const ARRIVE_MS = 20_000; // for the first snapshot
const STEADY_MS = 10_000; // a connection that lasted so long earns a fresh start of the back-off
const ZONES_EVERY_MS = 20_000;

const NO_TOKEN = 4401;
const NOT_ALLOWED = 4403;
const PATIENT = new Set([1013, 4400, 4429, 1009]);

export class Session {
  state = 'connecting';
  zones = [];
  zone = null;
  /** In state lost: when (performance.now()) the next attempt is due. In state closed: why, `none` or `refused`. */
  retryAt = NaN;
  reason = 'none';

  #api;
  #on;
  #stream = null;
  #liveSince = NaN;
  #wait = FIRST_WAIT_MS;
  #timer = 0;
  #attempt = 0; // the number of the attempt under way; answers to older ones are not for us
  #orders = new Map(); // order id -> {since, handler, refused}: followed across reconnects

  /** `on.state()`, `on.zones()`, `on.city(message)`, `on.time(at, scale)`. */
  constructor(api, on) {
    this.#api = api;
    this.#on = on;
    setInterval(() => this.state === 'live' && this.#refreshZones(), ZONES_EVERY_MS);
    window.addEventListener('online', () => this.state === 'lost' && this.retry());
    document.addEventListener('visibilitychange', () => !document.hidden && this.state === 'lost' && this.retry());
  }

  start() {
    this.#begin('connecting');
  }

  /** Tries again now, not when the back-off says so. */
  retry() {
    this.#begin(this.state === 'closed' ? 'connecting' : this.state);
  }

  /** A token somebody pasted: renews a live session, otherwise begins one with it. */
  useToken(token) {
    this.#api.token = token;
    if (this.state === 'live') this.#stream.renew(token);
    else this.#begin('connecting');
  }

  watch(zone) {
    if (zone === this.zone) return;
    this.zone = zone;
    this.#begin('connecting');
  }

  /**
   * Follows the events of an order after `since`, also over reconnects, until `unfollow`. `handler(event)` gets each
   * event once, `refused()` says that the node gives none.
   */
  follow(orderId, since, handler, refused) {
    this.#orders.set(orderId, { since, handler, refused });
    if (this.state === 'live') this.#subscribeOrder(orderId);
  }

  unfollow(orderId) {
    if (this.#orders.delete(orderId)) this.#stream?.unsubscribe(`orders/${orderId}`);
  }

  #enter(state) {
    this.state = state;
    this.#on.state();
  }

  #begin(state) {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
    this.#attempt += 1;
    this.#enter(state);
    this.#connect(this.#attempt);
  }

  async #connect(attempt) {
    try {
      const zones = wire.zones(await this.#api.get('/v1/zones'));
      if (attempt !== this.#attempt) return;
      this.#adoptZones(zones);
    } catch (error) {
      if (attempt !== this.#attempt) return;
      if (error.needsToken) this.#close();
      else this.#lose();
      return;
    }
    if (this.zone === null) {
      this.#enter('empty');
      this.#timer = setTimeout(() => this.#begin('empty'), EMPTY_WAIT_MS);
      return;
    }
    this.#open();
  }

  #adoptZones(zones) {
    this.zones = zones;
    if (!zones.some((entry) => entry.zone === this.zone)) this.zone = zones[0]?.zone ?? null;
    this.#on.zones();
  }

  async #refreshZones() {
    const attempt = this.#attempt;
    try {
      const zones = wire.zones(await this.#api.get('/v1/zones'));
      if (attempt !== this.#attempt || zones.length === 0) return;
      this.zones = zones;
      this.#on.zones();
    } catch {
      // The list stays as it was; whether the node is there the stream tells better.
    }
  }

  #open() {
    const url = new URL('/v1/stream', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#stream = new Stream(url, this.#api.token, {
      ready: () => this.#subscribeCity(),
      time: (at, scale) => this.#on.time(wire.instant(at), scale),
      closed: (code) => this.#ended(code),
    });
    this.#timer = setTimeout(() => this.#ended(SILENT), ARRIVE_MS);
  }

  #subscribeCity() {
    const topic = `city/${this.zone}`;
    let last = -1;
    this.#stream.subscribe(topic, {
      handler: (message) => {
        const update = wire.cityUpdate(message);
        if (message.type === 'city.snapshot') {
          last = update.seq;
          if (this.state !== 'live') this.#arrive();
          this.#on.city('snapshot', update);
        } else if (message.type === 'city.delta' && this.state === 'live' && !(update.seq <= last)) {
          last = update.seq;
          this.#on.city('delta', update);
        }
      },
      refused: (code) => this.#ended(code === 'forbidden' ? NOT_ALLOWED : code === 'unauthenticated' ? NO_TOKEN : 1013),
    });
  }

  #arrive() {
    clearTimeout(this.#timer);
    this.#liveSince = performance.now();
    this.#enter('live');
    for (const orderId of this.#orders.keys()) this.#subscribeOrder(orderId);
  }

  #subscribeOrder(orderId) {
    const followed = this.#orders.get(orderId);
    this.#stream.subscribe(`orders/${orderId}`, {
      since: followed.since,
      handler: (message) => {
        const event = message.type === 'event' ? wire.orderEvent(message) : null;
        if (!event || event.seq <= followed.since) return;
        followed.since = event.seq;
        followed.handler(event);
      },
      refused: () => followed.refused?.(),
    });
  }

  #ended(code) {
    clearTimeout(this.#timer);
    this.#stream?.close();
    this.#stream = null;
    if (this.state === 'live' && performance.now() - this.#liveSince > STEADY_MS) this.#wait = FIRST_WAIT_MS;
    if (code === NO_TOKEN || code === NOT_ALLOWED) this.#close();
    else this.#lose(PATIENT.has(code) ? PATIENT_WAIT_MS : 0);
  }

  #close() {
    this.reason = this.#api.token ? 'refused' : 'none';
    this.#api.token = null;
    this.#enter('closed');
  }

  #lose(atLeast = 0) {
    const wait = Math.max(atLeast, this.#wait) * (0.8 + 0.4 * Math.random());
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
    this.retryAt = performance.now() + wait;
    this.#timer = setTimeout(() => this.#begin('lost'), wait);
    this.#enter('lost');
  }
}

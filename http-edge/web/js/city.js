// The city as the node tells it: restaurants, partners and orders by id, with what the map and the panel want to know of
// them. Applies snapshots and deltas; holds open orders, and of the ended ones the most recent only.

import { Plane } from './geo.js';
import { moveTo, trackAt } from './motion.js';
import { eventsBetween, isEnded, phaseOf } from './words.js';

const RECENT = 200;
const STEPS = 24; // observed of one order

export class City {
  plane = null;
  restaurants = new Map(); // id -> {id, name, status, point, open: Set of order ids}
  partners = new Map(); // id -> {id, state, track, orders: Set of order ids}
  orders = new Map(); // id -> open order: the wire's fields, {phase, pickup, door, searchingSince, steps}
  recent = []; // ended orders, newest first
  counters = null;
  at = NaN; // platform time of the last message

  /** Forgets everything, as for another zone. */
  clear() {
    this.plane = null;
    this.restaurants.clear();
    this.partners.clear();
    this.orders.clear();
    this.recent = [];
    this.counters = null;
    this.at = NaN;
  }

  /**
   * Takes a snapshot (`whole`) or a delta. Returns the ids of orders that were placed or have ended just now, which the
   * map may celebrate: `[{order, kind: 'placed' | 'ended'}]`.
   */
  apply(update, whole, { now, still }) {
    if (Number.isFinite(update.at)) this.at = update.at;
    if (update.counters) this.counters = update.counters;
    this.#anchor(update);
    if (!this.plane) return [];
    if (whole) this.#forgetAbsent(update);
    for (const entry of update.restaurants) this.#restaurant(entry);
    for (const entry of update.partners) this.#partner(entry, now, still);
    const moments = [];
    for (const entry of update.orders) {
      const moment = this.#order(entry, whole);
      if (moment && !whole) moments.push(moment);
    }
    return moments;
  }

  /** An order that is open or has ended lately. */
  order(id) {
    return this.orders.get(id) ?? this.recent.find((order) => order.id === id) ?? null;
  }

  ordersOf(ids) {
    return [...ids].map((id) => this.orders.get(id)).filter((order) => order !== undefined);
  }

  /** The points that a view of the whole city should hold. */
  points() {
    const points = [];
    for (const restaurant of this.restaurants.values()) points.push(restaurant.point);
    for (const order of this.orders.values()) if (order.door) points.push(order.door);
    for (const partner of this.partners.values()) points.push({ x: partner.track.toX, y: partner.track.toY });
    return points;
  }

  #anchor(update) {
    if (this.plane) return;
    const first =
      update.restaurants[0]?.at ?? update.partners.find((entry) => entry.at)?.at ?? update.orders[0]?.dropoff;
    if (first) this.plane = new Plane(first.latitude, first.longitude);
  }

  #forgetAbsent(update) {
    const keep = (known, entries) => {
      const ids = new Set(entries.map((entry) => entry.id));
      for (const id of known.keys()) if (!ids.has(id)) known.delete(id);
    };
    keep(this.restaurants, update.restaurants);
    keep(this.partners, update.partners);
    keep(this.orders, update.orders);
    for (const restaurant of this.restaurants.values()) restaurant.open.clear();
    for (const partner of this.partners.values()) partner.orders.clear();
    for (const order of this.orders.values()) this.#link(order);
  }

  #restaurant({ id, at, name, status }) {
    const known = this.restaurants.get(id);
    const point = this.plane.project(at);
    if (known) Object.assign(known, { name, status, point });
    else this.restaurants.set(id, { id, name, status, point, open: this.#openAt(id) });
  }

  /** Orders may be told of before their restaurant is. */
  #openAt(restaurantId) {
    const open = new Set();
    for (const order of this.orders.values()) if (order.restaurantId === restaurantId) open.add(order.id);
    return open;
  }

  #partner({ id, at, state }, now, still) {
    if (state === 'OFFLINE') {
      this.partners.delete(id);
      return;
    }
    const point = this.plane.project(at);
    const known = this.partners.get(id);
    if (known) {
      known.state = state;
      moveTo(known.track, point, now, still);
      return;
    }
    const orders = new Set();
    for (const order of this.orders.values()) if (order.partnerId === id) orders.add(order.id);
    this.partners.set(id, { id, state, track: trackAt(point), orders });
  }

  #order(entry, whole) {
    const before = this.orders.get(entry.id);
    if (before) this.#unlink(before);
    if (!before && this.recent.some((order) => order.id === entry.id)) return null; // late: it has ended already
    const order = this.#merge(before, entry, whole);
    if (isEnded(order)) {
      this.orders.delete(order.id);
      order.endedAt = Number.isFinite(order.endedAt) ? order.endedAt : this.at;
      this.recent.unshift(order);
      this.recent.length = Math.min(this.recent.length, RECENT);
      return { order, kind: 'ended' };
    }
    this.orders.set(order.id, order);
    this.#link(order);
    return before ? null : { order, kind: 'placed' };
  }

  #merge(before, entry, whole) {
    const order = before ?? {
      ...entry,
      steps: [{ type: 'order.placed', at: entry.placedAt }],
      door: null,
      searchingSince: NaN,
    };
    const types = eventsBetween(before && { ...before }, entry);
    // A state met in a snapshot was entered some time before it.
    for (const type of types) order.steps.push({ type, at: this.at, latest: whole });
    if (order.steps.length > STEPS) order.steps.splice(1, order.steps.length - STEPS);
    const wasSearching = before?.deliveryStatus === 'SEARCHING';
    const kept = { dropoff: entry.dropoff ?? order.dropoff, restaurantId: entry.restaurantId ?? order.restaurantId };
    const placedAt = Number.isFinite(entry.placedAt) ? entry.placedAt : order.placedAt;
    Object.assign(order, entry, kept, { placedAt });
    if (order.deliveryStatus !== 'SEARCHING') order.searchingSince = NaN;
    else if (!wasSearching) order.searchingSince = whole && Number.isFinite(placedAt) ? placedAt : this.at;
    order.phase = phaseOf(order);
    if (order.dropoff) order.door = this.plane.project(order.dropoff);
    return order;
  }

  #link(order) {
    this.restaurants.get(order.restaurantId)?.open.add(order.id);
    if (order.partnerId) this.partners.get(order.partnerId)?.orders.add(order.id);
  }

  #unlink(order) {
    this.restaurants.get(order.restaurantId)?.open.delete(order.id);
    if (order.partnerId) this.partners.get(order.partnerId)?.orders.delete(order.id);
  }
}

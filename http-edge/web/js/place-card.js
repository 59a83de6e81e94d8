// A partner or a restaurant: its state and its open orders.

import { make, reconcile, setText } from './dom.js';
import { plural, shortId } from './format.js';
import { orderRow, updateRow } from './orders.js';
import { partnerWords } from './words.js';

class PlaceCard {
  id;
  element = make('div', { class: 'card' });
  context;
  #state = make('p', { class: 'card-state' }, make('i', { class: 'chip' }), make('span'));
  #heading = make('h3', {}, 'Orders');
  #orders = make('ol', { class: 'rows' });
  #note = make('p', { class: 'hint' });

  constructor(id, context) {
    this.id = id;
    this.context = context;
    this.element.append(this.#state, this.#heading, this.#orders, this.#note);
  }

  /** `rowTitle(order)` names a row otherwise than by its restaurant. */
  show({ tone, words, orders, note, rowTitle }) {
    this.#state.firstElementChild.className = `chip ${tone}`;
    setText(this.#state.lastElementChild, words);
    setText(this.#heading, orders.length > 0 ? plural(orders.length, 'open order') : 'Open orders');
    setText(this.#note, orders.length > 0 ? '' : note);
    const now = this.context.clock.now();
    orders.sort((a, b) => a.placedAt - b.placedAt);
    reconcile(this.#orders, orders, {
      key: (order) => order.id,
      create: (order) => orderRow(order, (id) => this.context.choose('order', id)),
      update: (element, order) => updateRow(element, order, this.context.city, now, rowTitle?.(order)),
    });
  }

  focusOn(orders, own) {
    return {
      orders: new Set(orders.map((order) => order.id)),
      restaurants: new Set([...orders.map((order) => order.restaurantId), own]),
      partners: new Set([...orders.map((order) => order.partnerId), own]),
      extra: null,
    };
  }

  dispose() {}
  reconnected() {}
}

export class PartnerCard extends PlaceCard {
  kind = 'partner';

  get title() {
    return `Partner ${shortId(this.id)}`;
  }

  get #partner() {
    return this.context.city.partners.get(this.id);
  }

  get #carried() {
    return this.#partner ? this.context.city.ordersOf(this.#partner.orders) : [];
  }

  refresh() {
    const tones = { IDLE: 'idle', TO_RESTAURANT: 'preparing', AT_RESTAURANT: 'waiting', TO_CUSTOMER: 'delivering' };
    const state = this.#partner?.state;
    this.show({
      tone: tones[state] ?? 'idle',
      words: state ? partnerWords(state) : 'Offline',
      orders: this.#carried,
      note: state ? 'No order at the moment.' : 'Not online any more.',
    });
  }

  focus() {
    return this.focusOn(this.#carried, this.id);
  }

  points() {
    const track = this.#partner?.track;
    return track ? [{ x: track.toX, y: track.toY }] : [];
  }
}

export class RestaurantCard extends PlaceCard {
  kind = 'restaurant';

  get #restaurant() {
    return this.context.city.restaurants.get(this.id);
  }

  get #open() {
    return this.#restaurant ? this.context.city.ordersOf(this.#restaurant.open) : [];
  }

  get title() {
    return this.#restaurant?.name ?? 'Restaurant';
  }

  refresh() {
    const online = this.#restaurant?.status === 'ONLINE';
    this.show({
      tone: online ? 'kitchen' : 'idle',
      words: online ? 'Taking orders' : 'Closed',
      orders: this.#open,
      note: 'None at the moment.',
      rowTitle: (order) => `Order ${shortId(order.id)}`,
    });
  }

  focus() {
    return this.focusOn(this.#open, this.id);
  }

  points() {
    return this.#restaurant ? [this.#restaurant.point] : [];
  }
}

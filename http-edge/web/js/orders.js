// The list of orders: filtered by a counter, searchable, oldest open order first, newest ending first. Rows keep their
// element, and the list holds still while the pointer is over it, so that a row can be hit.

import { byId, make, reconcile, setData, setText } from './dom.js';
import { shortId, span, whole } from './format.js';
import { isTroubled } from './health.js';
import { describe, isEnded } from './words.js';

const MOST_ROWS = 80;

const FILTERS = {
  open: ['Open orders', () => true],
  searching: ['Looking for a partner', (order) => order.phase === 'searching'],
  preparing: ['Being prepared', (order) => order.phase === 'preparing' || order.phase === 'placed'],
  out: ['On the way', (order) => order.phase === 'delivering'],
  delivered: ['Delivered lately', (order) => order.phase === 'delivered'],
  cancelled: ['Not delivered', (order) => order.phase === 'ended'],
};
const OF_ENDED = new Set(['delivered', 'cancelled']);

/** The row of an order, for every list that shows some; `choose(id)` when it is pressed. */
export function orderRow(order, choose) {
  return make(
    'li',
    {},
    make(
      'button',
      { type: 'button', class: 'order-row', 'data-order-id': order.id, onclick: () => choose(order.id) },
      make('i', { class: 'chip' }),
      make('span', { class: 'row-name' }),
      make('span', { class: 'row-age' }),
      make('span', { class: 'row-state' }),
      make('span', { class: 'row-id' }, shortId(order.id)),
    ),
  );
}

/** Refreshes it at platform time `now`; `title` instead of the restaurant's name. */
export function updateRow(
  element,
  order,
  city,
  now,
  title = city.restaurants.get(order.restaurantId)?.name ?? 'Restaurant',
) {
  const row = element.firstElementChild;
  setData(row, 'status', order.status);
  setData(row, 'deliveryStatus', order.deliveryStatus);
  setData(row, 'phase', order.phase);
  row.classList.toggle('troubled', !isEnded(order) && isTroubled(order, now));
  row.children[0].className = `chip ${order.phase}`;
  setText(row.children[1], title);
  setText(row.children[2], span((isEnded(order) ? order.endedAt : now) - order.placedAt));
  setText(row.children[3], describe(order));
}

export class OrderList {
  #city;
  #clock;
  #choose;
  #filter = 'open';
  #list = byId('order-list');
  #search = byId('order-search');
  #hovered = false;

  constructor(city, clock, choose) {
    this.#city = city;
    this.#clock = clock;
    this.#choose = choose;
    for (const button of document.querySelectorAll('button[data-filter]')) {
      button.addEventListener('click', () => this.#press(button.dataset.filter));
    }
    this.#search.addEventListener('input', () => this.refresh(true));
    this.#list.addEventListener('pointerenter', (event) => (this.#hovered = event.pointerType === 'mouse'));
    this.#list.addEventListener('pointerleave', () => (this.#hovered = false));
  }

  #press(filter) {
    this.#filter = filter;
    for (const button of document.querySelectorAll('button[data-filter]')) {
      button.setAttribute('aria-pressed', String(button.dataset.filter === filter));
    }
    byId('order-scroll').scrollTop = 0;
    this.refresh(true);
  }

  /** Rows anew; `forced` also when the pointer is over them. */
  refresh(forced = false) {
    const now = this.#clock.now();
    setText(byId('orders-title'), FILTERS[this.#filter][0]);
    if (this.#hovered && !forced) {
      for (const element of this.#list.children) {
        const order = this.#city.order(element.dataset.key);
        if (order) updateRow(element, order, this.#city, now);
      }
      return;
    }
    const matching = this.#matching();
    this.#show(matching.slice(0, MOST_ROWS), now);
    setText(byId('order-list-note'), this.#note(matching.length));
  }

  #matching() {
    const [, holds] = FILTERS[this.#filter];
    const wanted = this.#search.value.trim().toLowerCase();
    const orders = OF_ENDED.has(this.#filter) ? this.#city.recent : [...this.#city.orders.values()];
    const matching = orders.filter((order) => holds(order) && (wanted === '' || this.#matches(order, wanted)));
    if (!OF_ENDED.has(this.#filter)) matching.sort((a, b) => a.placedAt - b.placedAt || (a.id < b.id ? -1 : 1));
    return matching;
  }

  #matches(order, wanted) {
    const name = this.#city.restaurants.get(order.restaurantId)?.name ?? '';
    return (
      name.toLowerCase().includes(wanted) ||
      order.id.toLowerCase().includes(wanted) ||
      (order.partnerId ?? '').toLowerCase().includes(wanted)
    );
  }

  #show(orders, now) {
    reconcile(this.#list, orders, {
      key: (order) => order.id,
      create: (order) => orderRow(order, this.#choose),
      update: (element, order) => updateRow(element, order, this.#city, now),
    });
  }

  #note(count) {
    if (count > MOST_ROWS) return `and ${whole(count - MOST_ROWS)} more`;
    if (count > 0 || this.#city.counters === null) return '';
    if (this.#search.value.trim() !== '') return 'Nothing matches.';
    return OF_ENDED.has(this.#filter) ? 'None since this page was opened.' : 'None at the moment.';
  }
}

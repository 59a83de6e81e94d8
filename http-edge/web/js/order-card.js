// One order: how it is doing, its steps as they happen, and why which partners were asked.

import { make, setData, setText } from './dom.js';
import { clock as clockText, distance, shortId, span } from './format.js';
import { searchSection } from './search-view.js';
import { timelineItems } from './timeline.js';
import { orderEvent, searchRecord } from './wire.js';
import { describe, isEnded } from './words.js';

const RETRY_MS = 3000;
const RETRIES = 5;
const SEARCH_EVERY_MS = 2500; // while the order waits for a partner
const OF_SEARCH = new Set([
  'order.search_started',
  'order.partner_assigned',
  'order.partner_released',
  'order.cancelled',
]);

export class OrderCard {
  kind = 'order';
  id;
  element = make('div', { class: 'card' });

  #context;
  #order = null; // the last that was known of it
  #events = null; // from the node, or null: then what the map has shown stands in
  #record = null;
  #recordShown = '';
  #searchable = true;
  #searchLoading = false;
  #searchLoaded = -Infinity;
  #gone = false;
  #timelineShown = ''; // what is on the page, to leave it (and its focus) alone while nothing has changed
  #factsShown = '';
  #parts;

  /** `context`: {city, clock, api, session, choose(kind, id)}. */
  constructor(id, context) {
    this.id = id;
    this.#context = context;
    this.#parts = {
      state: make('p', { class: 'card-state' }, make('i', { class: 'chip' }), make('span')),
      facts: make('dl', { class: 'facts' }),
      timeline: make('ol', { id: 'timeline', 'aria-label': 'Steps of the order' }),
      source: make('p', { class: 'hint' }),
      search: make('div', { class: 'search' }),
    };
    const { state, facts, timeline, source, search } = this.#parts;
    this.element.append(state, facts, make('h3', {}, 'Steps'), timeline, source, search);
    this.#load();
    this.refresh();
  }

  get title() {
    return `Order ${shortId(this.id)}`;
  }

  /** What belongs to it on the map. */
  focus() {
    return {
      orders: new Set([this.id]),
      restaurants: new Set([this.#order?.restaurantId]),
      partners: new Set([this.#order?.partnerId]),
      extra: this.#order && isEnded(this.#order) ? this.#order : null,
    };
  }

  points() {
    const { city } = this.#context;
    const partner = city.partners.get(this.#order?.partnerId)?.track;
    const points = [city.restaurants.get(this.#order?.restaurantId)?.point, this.#order?.door];
    if (partner) points.push({ x: partner.toX, y: partner.toY });
    return points.filter(Boolean);
  }

  dispose() {
    this.#gone = true;
    this.#context.session.unfollow(this.id);
  }

  /** The connection is back: what failed is tried again. */
  reconnected() {
    if (this.#events === null) this.#load();
  }

  refresh() {
    const { city } = this.#context;
    this.#order = city.order(this.id) ?? this.#order;
    if (this.#order) this.#refreshFacts(this.#order);
    this.#refreshTimeline();
    if (this.#order?.deliveryStatus === 'SEARCHING' && !isEnded(this.#order)) this.#loadSearch();
  }

  #refreshFacts(order) {
    const { city, clock, choose } = this.#context;
    const { state, facts } = this.#parts;
    state.firstElementChild.className = `chip ${order.phase}`;
    setText(state.lastElementChild, describe(order));
    const restaurant = city.restaurants.get(order.restaurantId);
    const age = span((isEnded(order) ? order.endedAt : clock.now()) - order.placedAt);
    const far =
      restaurant && order.door && Math.hypot(restaurant.point.x - order.door.x, restaurant.point.y - order.door.y);
    const rows = [
      ['restaurant', 'From', restaurant?.name ?? 'unknown', restaurant && (() => choose('restaurant', restaurant.id))],
      [
        'partner',
        'By',
        order.partnerId ? `Partner ${shortId(order.partnerId)}` : 'nobody yet',
        order.partnerId && (() => choose('partner', order.partnerId)),
      ],
      ['placed', 'Placed', `${clockText(order.placedAt)}, ${isEnded(order) ? `took ${age}` : `${age} ago`}`, null],
      [
        'distance',
        'Distance',
        far === undefined || far === null ? 'unknown' : `${distance(far)} in a straight line`,
        null,
      ],
    ];
    const shown = rows.map(([, , text]) => text).join('|');
    if (this.#factsShown === shown) return;
    this.#factsShown = shown;
    facts.replaceChildren(
      ...rows.flatMap(([name, term, text, onclick]) => [
        make('dt', {}, term),
        make(
          'dd',
          { 'data-fact': name },
          onclick ? make('button', { type: 'button', class: 'link', onclick }, text) : text,
        ),
      ]),
    );
  }

  #refreshTimeline() {
    const { timeline, source } = this.#parts;
    const steps = this.#events ?? this.#order?.steps ?? [];
    const open = this.#order ? !isEnded(this.#order) : false;
    const shown = `${this.#events === null} ${open} ${steps.length} ${steps.at(-1)?.type}`;
    if (shown === this.#timelineShown) return;
    this.#timelineShown = shown;
    setData(timeline, 'source', this.#events ? 'events' : 'observed');
    timeline.replaceChildren(...timelineItems(steps, open, (id) => this.#context.choose('partner', id)));
    setText(
      source,
      this.#events || steps.length === 0
        ? ''
        : 'As seen on the map since this page was opened; times are those of the map’s messages.',
    );
  }

  async #load(tries = RETRIES) {
    const { api, session } = this.#context;
    let items;
    try {
      items = (await api.get(`/v1/orders/${encodeURIComponent(this.id)}/events`)).items;
    } catch (error) {
      const passing = error.status === 0 || error.status >= 500;
      if (passing && tries > 1) setTimeout(() => !this.#gone && this.#load(tries - 1), RETRY_MS);
      return;
    }
    if (this.#gone) return;
    this.#events = (Array.isArray(items) ? items : [])
      .map(orderEvent)
      .filter(Boolean)
      .sort((a, b) => a.seq - b.seq);
    session.follow(this.id, this.#events.at(-1)?.seq ?? 0, (event) => this.#happened(event));
    this.#loadSearch(true);
    this.refresh();
  }

  #happened(event) {
    if (this.#gone || this.#events.some((known) => known.seq === event.seq)) return;
    this.#events.push(event);
    this.refresh();
    if (OF_SEARCH.has(event.type)) this.#loadSearch(true);
  }

  async #loadSearch(now = false) {
    const due = now || performance.now() - this.#searchLoaded > SEARCH_EVERY_MS;
    const begun = (this.#events ?? []).some((event) => OF_SEARCH.has(event.type));
    if (!begun || !this.#searchable || this.#searchLoading || !due) return;
    this.#searchLoading = true;
    try {
      this.#record =
        searchRecord(await this.#context.api.get(`/v1/admin/searches/${encodeURIComponent(this.id)}`)) ?? this.#record;
    } catch (error) {
      // A passing failure, or no record (404): asked again when there is reason to. Not ours to see: not again.
      if (error.needsToken) this.#searchable = false;
    }
    this.#searchLoading = false;
    this.#searchLoaded = performance.now();
    if (this.#gone || !this.#record) return;
    const text = JSON.stringify(this.#record);
    if (this.#recordShown === text) return;
    this.#recordShown = text;
    this.#parts.search.replaceChildren(searchSection(this.#record, (id) => this.#context.choose('partner', id)));
  }
}

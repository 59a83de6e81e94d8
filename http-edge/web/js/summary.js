// The overview beside the map: headline, counters, trends and the partners' bar.

import { byId, make, setData, setText } from './dom.js';
import { minutes, span, UNKNOWN, whole } from './format.js';
import { judge, troubles } from './health.js';
import { bars, line } from './sparkline.js';
import { PARTNER_STATES } from './words.js';

const COUNTS = {
  'count-open': 'open',
  'count-searching': 'searching',
  'count-preparing': 'preparing',
  'count-out': 'outForDelivery',
  'count-delivered': 'delivered',
  'count-cancelled': 'cancelled',
  'count-rejected': 'rejected',
  'count-undeliverable': 'undeliverable',
  'count-online': 'partnersOnline',
  'count-busy': 'partnersBusy',
};

function figure(id, value, text) {
  const element = byId(id);
  setText(element, text);
  setData(element, 'value', Number.isFinite(value) ? value : null);
}

export class Summary {
  #city;
  #clock;
  #history;
  #level = 'unknown';
  #segments = new Map(); // partner state -> [bar segment, legend figure]

  constructor(city, clock, history) {
    this.#city = city;
    this.#clock = clock;
    this.#history = history;
    for (const [state, , tone, short] of PARTNER_STATES) {
      const segment = make('i', { class: tone });
      const count = make('b', {}, '0');
      byId('partner-bar').append(segment);
      byId('partner-legend').append(make('li', {}, make('i', { class: `chip ${tone}` }), `${short} `, count));
      this.#segments.set(state, [segment, count]);
    }
  }

  /** Writes everything anew; what did not change costs nothing. The headline speaks of a `live` city only. */
  refresh(live) {
    const counters = this.#city.counters ?? {};
    for (const [id, name] of Object.entries(COUNTS)) figure(id, counters[name], whole(counters[name]));
    for (const name of ['rejected', 'undeliverable'])
      byId(`count-${name}`).parentElement.hidden = !(counters[name] > 0);
    figure('door-mean', counters.doorMean, minutes(counters.doorMean));
    figure('door-p90', counters.doorP90, minutes(counters.doorP90));
    this.#trends();
    this.#partners();
    if (live) this.#headline(counters);
  }

  #headline(counters) {
    if (!this.#city.counters) return;
    const { waiting, late } = troubles(this.#city.orders.values(), this.#clock.now());
    const open = Number.isFinite(counters.open) ? counters.open : this.#city.orders.size;
    const online = Number.isFinite(counters.partnersOnline) ? counters.partnersOnline : this.#city.partners.size;
    const { level, title, text } = judge({ open, online, waiting, late });
    setData(byId('headline'), 'level', level);
    setText(byId('headline-title'), title);
    setText(byId('headline-text'), text);
    document.title = `${whole(open)} open · ${title} · Dabba`;
    if (level !== this.#level) setText(byId('announce'), `${title}. ${text}`);
    this.#level = level;
  }

  /** The session is not live: the headline claims nothing. `seen` is the platform time of what is shown, or null. */
  pause(state, seen) {
    const words = {
      connecting: ['Looking at the city', 'One moment.'],
      empty: ['An empty city', 'Nobody is here yet.'],
      lost: ['Out of touch', seen ? `Last seen at ${seen}.` : 'The node does not answer.'],
      closed: ['A private city', 'A token opens it.'],
    }[state];
    this.#level = 'unknown';
    setData(byId('headline'), 'level', 'unknown');
    setText(byId('headline-title'), words[0]);
    setText(byId('headline-text'), words[1]);
    document.title = `${words[0]} · Dabba`;
  }

  #trends() {
    const buckets = this.#history.buckets();
    bars(
      byId('delivered-spark'),
      buckets.map((bucket) => bucket.delivered),
    );
    line(
      byId('door-spark'),
      buckets.map((bucket) => bucket.mean),
    );
    const width = this.#history.width;
    setText(byId('bucket-label'), Number.isFinite(width) ? `per ${span(width)}` : '');
    // The newest bucket is still filling: the figure is the last full one.
    const full = buckets.at(-2);
    setText(byId('delivered-now'), full ? whole(full.delivered) : UNKNOWN);
    setText(byId('delivered-note'), full ? `in the last ${span(width)}` : 'gathering');
  }

  #partners() {
    const known = this.#city.counters !== null;
    const counts = new Map();
    for (const { state } of this.#city.partners.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const [state, [segment, count]] of this.#segments) {
      const number = counts.get(state) ?? 0;
      segment.style.flexGrow = number;
      setText(count, known ? whole(number) : UNKNOWN);
    }
    byId('partner-bar').setAttribute(
      'aria-label',
      PARTNER_STATES.map(([state, words]) => `${words}: ${counts.get(state) ?? 0}`).join(', '),
    );
  }
}

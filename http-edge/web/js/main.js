// The live city: puts the parts together and decides when what is redrawn. docs/api.md describes the protocol.

import { Api } from './api.js';
import { City } from './city.js';
import { PlatformClock } from './clock.js';
import { byId, setData, setText } from './dom.js';
import * as format from './format.js';
import { History } from './history.js';
import { CityMap } from './map.js';
import { Notice } from './notice.js';
import { OrderList } from './orders.js';
import { Panel } from './panel.js';
import { Session } from './session.js';
import { Sheet } from './sheet.js';
import { Summary } from './summary.js';
import { describe, partnerWords } from './words.js';
import { ZonePicker } from './zone-picker.js';

const REFRESH_MS = 400; // of what is text; the map runs on its own
const CLOCK_MS = 250;

const api = new Api();
const city = new City();
const clock = new PlatformClock();
const history = new History();
const session = new Session(api, {
  state: sessionChanged,
  zones: showZones,
  city: cityMessage,
  time: (at, scale) => clock.observe(at, scale),
});
const panel = new Panel({ city, clock, api, session }, { selected });
const map = new CityMap(city, { choose: (hit) => (hit ? panel.open(hit.kind, hit.id) : panel.close()), name: nameOf });
const sheet = new Sheet({ cover: (pixels) => map.cover(pixels) });
const summary = new Summary(city, clock, history);
const list = new OrderList(city, clock, (id) => panel.open('order', id));
const notice = new Notice(session);
const picker = new ZonePicker((zone) => session.watch(zone));

let zoneShown = null; // the zone that the city holds
let refreshing = 0;
let sheetBefore = 'peek';

function cityMessage(kind, update) {
  clock.observe(update.at, update.scale);
  history.advance(clock.now(), clock.scale);
  const moments = city.apply(update, kind === 'snapshot', {
    now: performance.now(),
    still: map.still || document.hidden,
  });
  for (const { order, kind: what } of moments) if (what === 'ended') history.add(order);
  map.changed(moments, kind === 'snapshot' || update.restaurants.length > 0);
  refreshSoon();
}

function startZone() {
  if (zoneShown !== null) panel.close();
  zoneShown = session.zone;
  city.clear();
  history.clear();
  map.reset();
}

function refreshSoon() {
  if (refreshing) return;
  refreshing = setTimeout(refresh, REFRESH_MS);
}

function refresh() {
  clearTimeout(refreshing);
  refreshing = 0;
  summary.refresh(session.state === 'live');
  list.refresh();
  panel.refresh();
  map.report();
  refreshNotice();
}

function refreshNotice() {
  const populated = city.restaurants.size + city.partners.size + city.orders.size > 0;
  document.documentElement.toggleAttribute('data-bare', !populated);
  notice.refresh(populated, format.clock(city.at));
  if (session.state !== 'live') summary.pause(session.state, populated ? format.clock(city.at) : null);
}

function sessionChanged() {
  // What is shown of one zone never stands under the name of another.
  if (session.zone !== null && session.zone !== zoneShown) startZone();
  showZones();
  refresh();
  if (session.state === 'live') panel.reconnected();
}

function showZones() {
  picker.refresh(session.zones, session.zone);
}

function selected(card) {
  const side = byId('side');
  if (card && side.dataset.selected === undefined) sheetBefore = sheet.stop;
  if (card) sheet.reveal();
  else sheet.set(sheetBefore);
  setData(side, 'selected', card ? card.kind : null);
  map.select(card, card?.points() ?? []);
}

function nameOf({ kind, id }) {
  if (kind === 'restaurant') {
    const { name, open } = city.restaurants.get(id);
    return `${name} · ${open.size > 0 ? `${open.size} open` : 'no open order'}`;
  }
  if (kind === 'partner') return `Partner ${format.shortId(id)} · ${partnerWords(city.partners.get(id).state)}`;
  return `Order ${format.shortId(id)} · ${describe(city.orders.get(id))}`;
}

function showClock() {
  const now = session.state === 'live' ? clock.now() : city.at;
  const time = byId('platform-time');
  setText(time, clock.scale > 10 ? format.clock(now) : format.clockSeconds(now));
  if (Number.isFinite(now)) time.setAttribute('datetime', new Date(now).toISOString());
  setText(byId('platform-date'), format.day(now));
  const speed = byId('platform-scale');
  setText(speed, clock.known ? format.scale(clock.scale) : '');
  setData(speed, 'value', clock.known ? clock.scale : null);
}

function tokenFromAddress() {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (!token) return null;
  window.history.replaceState(null, '', location.pathname + location.search);
  return token;
}

window.addEventListener('hashchange', () => {
  const token = tokenFromAddress();
  if (token) session.useToken(token);
});
setInterval(showClock, CLOCK_MS);
setInterval(() => {
  history.advance(session.state === 'live' ? clock.now() : NaN, clock.scale);
  refreshSoon();
}, 1000);

api.token = tokenFromAddress();
session.start();

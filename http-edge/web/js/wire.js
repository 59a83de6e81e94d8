// What comes over the wire, checked. Nothing behind this module meets a missing field, a position off the globe or an
// unknown type; what does not make sense is dropped, one entry at a time.

const MAX_ENTRIES = 20_000; // of one kind in one message; far above any zone, and a bound on what a bad one can cost

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isId = (value) => typeof value === 'string' && value.length > 0 && value.length <= 64;
const words = (value, limit = 40) => (typeof value === 'string' ? value.slice(0, limit) : '');
const numberOr = (value, otherwise) => (typeof value === 'number' && Number.isFinite(value) ? value : otherwise);

/** RFC 3339 to milliseconds since the epoch; NaN when it is no time. */
export function instant(value) {
  return typeof value === 'string' && value.length <= 40 ? Date.parse(value) : NaN;
}

function position(value) {
  if (!isObject(value)) return null;
  const { latitude, longitude } = value;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return null;
  if (!(Math.abs(latitude) <= 90) || !(Math.abs(longitude) <= 180)) return null;
  return { latitude, longitude };
}

function entries(value, clean) {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, MAX_ENTRIES)
    .map((entry) => (isObject(entry) && isId(entry.id) ? clean(entry) : null))
    .filter((entry) => entry !== null);
}

function restaurant(entry) {
  const at = position(entry);
  return (
    at && { id: entry.id, at, name: words(entry.name, 120) || 'Restaurant', status: words(entry.status) || 'ONLINE' }
  );
}

function partner(entry) {
  const state = words(entry.state) || 'IDLE';
  const at = position(entry);
  return at || state === 'OFFLINE' ? { id: entry.id, at, state } : null;
}

function order(entry) {
  const status = words(entry.status);
  if (!status) return null;
  return {
    id: entry.id,
    status,
    deliveryStatus: words(entry.deliveryStatus) || 'NOT_STARTED',
    restaurantId: isId(entry.restaurantId) ? entry.restaurantId : null,
    partnerId: isId(entry.partnerId) ? entry.partnerId : null,
    dropoff: position(entry.dropoff),
    placedAt: instant(entry.placedAt),
    endedAt: instant(entry.endedAt),
  };
}

const COUNTERS = [
  'open',
  'searching',
  'preparing',
  'outForDelivery',
  'delivered',
  'cancelled',
  'rejected',
  'undeliverable',
  'partnersOnline',
  'partnersBusy',
];

/** Of what has been delivered; the node says 0 before anything has. */
const duration = (value) => (value > 0 ? numberOr(value, NaN) : NaN);

function counters(value) {
  if (!isObject(value)) return null;
  const clean = {};
  for (const name of COUNTERS) clean[name] = numberOr(value[name], NaN);
  const door = isObject(value.clickToDoorSeconds) ? value.clickToDoorSeconds : {};
  clean.doorMean = duration(door.mean);
  clean.doorP90 = duration(door.p90);
  return clean;
}

/** The body of a `city.snapshot` or `city.delta`. */
export function cityUpdate(message) {
  return {
    seq: numberOr(message.seq, NaN),
    at: instant(message.at),
    scale: numberOr(message.scale, NaN),
    restaurants: entries(message.restaurants, restaurant),
    partners: entries(message.partners, partner),
    orders: entries(message.orders, order),
    counters: counters(message.counters),
  };
}

/** An event of an order, from the history or the stream; null when it is none. */
export function orderEvent(entry) {
  if (!isObject(entry) || !Number.isSafeInteger(entry.seq)) return null;
  const type = words(entry.event ?? entry.type, 60);
  if (!type) return null;
  return { seq: entry.seq, type, at: instant(entry.at), data: isObject(entry.data) ? entry.data : {} };
}

function asked(entry) {
  return {
    partnerId: entry.partnerId,
    metres: numberOr(entry.distanceMetres, NaN),
    outcome: words(entry.outcome) || 'PENDING',
  };
}

function passedOver(entry) {
  return {
    partnerId: entry.partnerId,
    metres: numberOr(entry.distanceMetres, NaN),
    reason: words(entry.reason) || 'UNKNOWN',
  };
}

/** The record of a search for a partner; null when it is none. */
export function searchRecord(value) {
  if (!isObject(value) || !Array.isArray(value.waves)) return null;
  const partners = (list, clean) =>
    Array.isArray(list)
      ? list
          .slice(0, MAX_ENTRIES)
          .filter((entry) => isObject(entry) && isId(entry.partnerId))
          .map(clean)
      : [];
  return {
    state: words(value.state) || 'OPEN',
    startedAt: instant(value.startedAt),
    partnerId: isId(value.partnerId) ? value.partnerId : null,
    waves: value.waves.filter(isObject).map((wave, index) => ({
      number: numberOr(wave.number, index + 1),
      at: instant(wave.at),
      radiusMetres: numberOr(wave.radiusMetres, NaN),
      asked: partners(wave.asked, asked),
      passedOver: partners(wave.passedOver, passedOver),
    })),
  };
}

/** The zones of `GET /v1/zones`, busiest first. */
export function zones(value) {
  const items = isObject(value) && Array.isArray(value.items) ? value.items : [];
  return items
    .filter((item) => isObject(item) && isId(item.zone))
    .map((item) => ({
      zone: item.zone,
      partnersOnline: numberOr(item.partnersOnline, 0),
      openOrders: numberOr(item.openOrders, 0),
    }))
    .sort((a, b) => b.openOrders - a.openOrders || b.partnersOnline - a.partnersOnline || (a.zone < b.zone ? -1 : 1));
}

/** The message in a text frame: an object with a `type`, or null. */
export function parseFrame(text) {
  if (typeof text !== 'string') return null;
  try {
    const message = JSON.parse(text);
    return isObject(message) && typeof message.type === 'string' ? message : null;
  } catch {
    return null;
  }
}

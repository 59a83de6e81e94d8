// How the city is doing, in one level and one sentence. Pure; the limits are here and nowhere else.

import { plural, whole } from './format.js';

const MINUTE = 60_000;
const LONG_WAIT_MS = 10 * MINUTE; // for a partner
const LATE_MS = 60 * MINUTE; // open since
const WATCH = { orders: 3, share: 0.1 }; // so many orders, and so large a share of the open ones: worth watching
const BAD = { orders: 5, share: 0.25 };

const exceeds = (count, open, limit) => count >= limit.orders && count >= limit.share * open;

/** Orders that wait long for a partner, and those that are late, at platform time `now`. */
export function troubles(orders, now) {
  let waiting = 0;
  let late = 0;
  for (const order of orders) {
    if (now - order.searchingSince > LONG_WAIT_MS) waiting += 1;
    if (now - order.placedAt > LATE_MS) late += 1;
  }
  return { waiting, late };
}

/** Whether this order is one of those. */
export const isTroubled = (order, now) => now - order.searchingSince > LONG_WAIT_MS || now - order.placedAt > LATE_MS;

/** `{level: good | watch | bad | quiet, title, text}`. */
export function judge({ open, online, waiting, late }) {
  if (open === 0) {
    const text = online > 0 ? `Nothing open, ${plural(online, 'partner')} ready.` : 'Nothing open, nobody online.';
    return { level: 'quiet', title: 'All quiet', text };
  }
  if (online === 0) {
    return { level: 'bad', title: 'Nobody to deliver', text: `${whole(open)} open, and no partner is online.` };
  }
  const parts = [`${whole(open)} open`];
  parts.push(
    waiting > 0 ? `${whole(waiting)} waiting for a partner for more than 10 min` : 'nobody waits long for a partner',
  );
  if (late > 0) parts.push(`${whole(late)} over an hour old`);
  const text = `${parts.join(', ')}.`;
  const is = (limit) => exceeds(waiting, open, limit) || exceeds(late, open, limit);
  if (is(BAD)) return { level: 'bad', title: 'In trouble', text };
  if (is(WATCH)) return { level: 'watch', title: 'Under strain', text };
  return { level: 'good', title: 'Running well', text };
}

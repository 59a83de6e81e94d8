// What lies under a point of the screen: `{kind: partner | restaurant | order, id}` or null. Works on the screen positions
// (sx, sy) of the last frame.

import { routeStart } from './marks.js';

const FINE = 10; // pixels around a mark, with a mouse
const COARSE = 22; // with a finger
const LINE = 0.45; // of that around a route

export function pick(city, x, y, coarse) {
  const reach = coarse ? COARSE : FINE;
  let best = null;
  const consider = (kind, id, distance, bonus) => {
    if (distance <= reach && (!best || distance - bonus < best.rank)) best = { kind, id, rank: distance - bonus };
  };
  for (const { id, sx, sy } of city.partners.values()) consider('partner', id, Math.hypot(sx - x, sy - y), 1);
  for (const { id, sx, sy, open } of city.restaurants.values()) {
    consider('restaurant', id, Math.hypot(sx - x, sy - y), open.size > 0 ? 2 : -2);
  }
  for (const { id, door } of city.orders.values())
    if (door) consider('order', id, Math.hypot(door.sx - x, door.sy - y), 1);
  return best ? { kind: best.kind, id: best.id } : nearestRoute(city, x, y, reach * LINE);
}

function nearestRoute(city, x, y, reach) {
  let best = null;
  for (const order of city.orders.values()) {
    const start = order.door && routeStart(order, city);
    if (!start) continue;
    const distance = toSegment(x, y, start.x, start.y, order.door.sx, order.door.sy);
    if (distance <= reach && (!best || distance < best.distance)) best = { kind: 'order', id: order.id, distance };
  }
  return best && { kind: best.kind, id: best.id };
}

function toSegment(x, y, ax, ay, bx, by) {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length));
  return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay));
}

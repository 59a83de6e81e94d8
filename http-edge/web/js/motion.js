// Smooth movement between the positions that arrive a few times a second: a track glides from where its mark is drawn to
// the newest position in about the time until the next one is due.

const SHORTEST_MS = 200;
const LONGEST_MS = 1600; // of a glide; whoever speaks less often stands still in between
const LEAD = 1.15; // a little longer than the interval, so that a late message causes no stop
const TAIL = 5; // positions remembered behind the mark

/** A mark at rest at a point in metres. */
export function trackAt({ x, y }) {
  return { fromX: x, fromY: y, toX: x, toY: y, start: 0, duration: 0, heard: NaN, tail: [] };
}

/** A new position was heard of at `now`; with `still` the mark goes there at once. */
export function moveTo(track, { x, y }, now, still = false) {
  if (x === track.toX && y === track.toY) return;
  const here = still ? { x, y } : positionOf(track, now);
  const interval = Number.isFinite(track.heard) ? now - track.heard : LONGEST_MS / 2;
  track.tail.push(here.x, here.y);
  if (track.tail.length > 2 * TAIL) track.tail.splice(0, 2);
  track.fromX = here.x;
  track.fromY = here.y;
  track.toX = x;
  track.toY = y;
  track.start = now;
  track.duration = still ? 0 : Math.min(LONGEST_MS, Math.max(SHORTEST_MS, interval * LEAD));
  track.heard = now;
}

export const isMoving = (track, now) => now - track.start < track.duration;

/** Where the mark is at `now`. */
export function positionOf(track, now, out = { x: 0, y: 0 }) {
  const share = track.duration > 0 ? Math.min(1, Math.max(0, (now - track.start) / track.duration)) : 1;
  out.x = track.fromX + (track.toX - track.fromX) * share;
  out.y = track.fromY + (track.toY - track.fromY) * share;
  return out;
}

// What has been seen over time, for the small charts: deliveries and their click-to-door time in buckets of platform time,
// since the page was opened.

const BUCKETS = 48;
const WIDTHS_MINUTES = [1, 2, 5, 10, 15, 30, 60];
const BUCKET_WALL_MS = 4000; // a bucket should last about so long for the visitor, at any clock scale

export class History {
  width = NaN; // of a bucket, platform ms
  // {start, delivered, sum of click-to-door in ms, partial: the page was opened in the middle of it}; without gaps
  #buckets = [];

  clear() {
    this.width = NaN;
    this.#buckets = [];
  }

  /** Notes an order that ended now. */
  add(order) {
    const bucket = order.status === 'DELIVERED' ? this.#buckets.at(-1) : null;
    const took = order.endedAt - order.placedAt;
    if (!bucket || !Number.isFinite(took)) return;
    bucket.delivered += 1;
    bucket.sum += took;
  }

  /** Platform time goes on. */
  advance(now, scale) {
    if (!Number.isFinite(now)) return;
    const wish = (BUCKET_WALL_MS * scale) / 60_000;
    const width = (WIDTHS_MINUTES.find((minutes) => minutes >= wish) ?? WIDTHS_MINUTES.at(-1)) * 60_000;
    const start = Math.floor(now / width) * width;
    const last = this.#buckets.at(-1);
    if (width !== this.width || !last || start < last.start || start - last.start > BUCKETS * width) {
      this.width = width;
      this.#buckets = [{ start, delivered: 0, sum: 0, partial: true }];
      return;
    }
    for (let next = last.start + width; next <= start; next += width)
      this.#buckets.push({ start: next, delivered: 0, sum: 0, partial: false });
    if (this.#buckets.length > BUCKETS) this.#buckets.splice(0, this.#buckets.length - BUCKETS);
  }

  /** The buckets seen from their beginning, `[{start, delivered, mean}]`, oldest first; `mean` in ms, NaN without any. */
  buckets() {
    const seen = this.#buckets.filter((bucket) => !bucket.partial);
    return seen.map(({ start, delivered, sum }) => ({ start, delivered, mean: delivered ? sum / delivered : NaN }));
  }
}

export const MAX_BUCKETS = BUCKETS;

// What part of the plane the map shows: centre and scale, panning, zooming about a point, gliding to a fit.

const MAX_SCALE = 2; // pixels per metre
const MIN_SCALE = 0.002;
const GLIDE_MS = 450;
const FOOT = 24; // pixels of the scale bar and the legend
const SMALLEST_SPAN = 1200; // metres; a city of one restaurant is not zoomed into its kitchen

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const easeOut = (share) => 1 - (1 - share) ** 3;

export class Camera {
  x = 0; // the plane's point in the middle of the free area, metres
  y = 0;
  scale = 0.05; // pixels per metre
  width = 1;
  height = 1;
  /** Pixels at each side that something else covers. */
  insets = { top: 0, right: 0, bottom: FOOT, left: 0 };
  #glide = null;

  /** Something covers that many pixels at the lower edge; false when that is known. */
  cover(pixels) {
    const bottom = pixels + FOOT;
    if (this.insets.bottom === bottom) return false;
    this.insets = { ...this.insets, bottom };
    return true;
  }

  get originX() {
    return (this.insets.left + this.width - this.insets.right) / 2;
  }

  get originY() {
    return (this.insets.top + this.height - this.insets.bottom) / 2;
  }

  screenX(x) {
    return (x - this.x) * this.scale + this.originX;
  }

  screenY(y) {
    return (y - this.y) * this.scale + this.originY;
  }

  panBy(dx, dy) {
    this.#glide = null;
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
  }

  /** Zooms so that the point under these pixels stays there. */
  zoomAt(px, py, factor) {
    this.#glide = null;
    const scale = clamp(this.scale * factor, MIN_SCALE, MAX_SCALE);
    this.x += (px - this.originX) * (1 / this.scale - 1 / scale);
    this.y += (py - this.originY) * (1 / this.scale - 1 / scale);
    this.scale = scale;
  }

  /** Shows the whole box with that share of the map free around it, at no larger scale than `closest`. */
  fit(bounds, { now, still = false, closest = MAX_SCALE, margin = 0.05 }) {
    const inside = (pixels) => Math.max(40, pixels * (1 - 2 * margin));
    const room = {
      x: inside(this.width - this.insets.left - this.insets.right),
      y: inside(this.height - this.insets.top - this.insets.bottom),
    };
    const spanX = Math.max(SMALLEST_SPAN, bounds.right - bounds.left);
    const spanY = Math.max(SMALLEST_SPAN, bounds.bottom - bounds.top);
    const target = {
      x: (bounds.left + bounds.right) / 2,
      y: (bounds.top + bounds.bottom) / 2,
      scale: clamp(Math.min(room.x / spanX, room.y / spanY), MIN_SCALE, closest),
    };
    if (still) {
      this.#glide = null;
      Object.assign(this, target);
    } else {
      this.#glide = { from: { x: this.x, y: this.y, scale: this.scale }, target, start: now };
    }
  }

  /** Whether the point lies in the free area, some pixels inside. */
  sees({ x, y }) {
    const px = this.screenX(x);
    const py = this.screenY(y);
    return (
      px > this.insets.left + 16 &&
      px < this.width - this.insets.right - 16 &&
      py > this.insets.top + 16 &&
      py < this.height - this.insets.bottom - 16
    );
  }

  /** Advances a glide; true while the view changes. */
  step(now) {
    if (!this.#glide) return false;
    const { from, target, start } = this.#glide;
    const share = easeOut(clamp((now - start) / GLIDE_MS, 0, 1));
    this.scale = from.scale * (target.scale / from.scale) ** share;
    this.x = from.x + (target.x - from.x) * share;
    this.y = from.y + (target.y - from.y) * share;
    if (share >= 1) this.#glide = null;
    return true;
  }
}

// The map: two canvases (ground and what moves), one animation loop that runs only while something changes, and the
// pointer. What is painted is in ground.js, terrain.js, marks.js and labels.js.

import { Camera } from './camera.js';
import { byId, setData, setText } from './dom.js';
import { boundsOf } from './geo.js';
import { listen } from './gestures.js';
import { paintGround, scaleBar } from './ground.js';
import { Labels } from './labels.js';
import { Marks, markSize } from './marks.js';
import { isMoving, positionOf } from './motion.js';
import { readPalette } from './palette.js';
import { pick } from './picking.js';
import { Terrain } from './terrain.js';

const MAX_RATIO = 2; // device pixels per pixel that we paint; more costs and is not seen
const RIPPLES = 40;
const RIPPLE_MS = 1100;
const REFIT_MS = 2500;
const FAN_PIXELS = 9; // partners that wait at a restaurant stand around it, so that both are seen
const FAN_PER_MS = 1 / 250;
const LABELS_BELOW = 45; // names appear when no more restaurants than this are in view
const SMALL_MAP = 500; // pixels
const SMALL_SELECTION = 110; // pixels
const FOCUS_MARGIN = 0.18;
const FOCUS_SCALE = 0.1; // pixels per metre; the closest that following a selection zooms in

export class CityMap {
  camera = new Camera();
  still = matchMedia('(prefers-reduced-motion: reduce)').matches;

  #city;
  #on;
  #ground = byId('map-ground');
  #live = byId('map-live');
  #marks;
  #labels = new Labels();
  #terrain = new Terrain();
  #palette = readPalette();
  #ratio = 1;
  #auto = true; // the view follows the data until the visitor moves it
  #borrowed = false; // the view has left the data for a selection only, and goes back when that ends
  #fitted = -Infinity;
  #groundStale = true;
  #scheduled = false;
  #last = 0;
  #ripples = [];
  #selection = null;
  #hover = null;
  #moving = 0;

  /** `on.choose(hit)` for a tap, with null for a tap on nothing; `on.name(hit)` is a line for the tooltip. */
  constructor(city, on) {
    this.#city = city;
    this.#on = on;
    this.#marks = new Marks(this.#live.getContext('2d'), city);
    new ResizeObserver(() => this.#resize()).observe(byId('map'));
    document.addEventListener('themechange', () => this.#recolour());
    matchMedia('(prefers-reduced-motion: reduce)').addEventListener('change', (event) => (this.still = event.matches));
    this.#listen();
    this.#resize();
  }

  /** The city has changed; `moments` as City.apply gives them, `reshaped` when restaurants came or went. */
  changed(moments, reshaped) {
    const now = performance.now();
    if (reshaped) {
      this.#terrain.shape([...this.#city.restaurants.values()].map((restaurant) => restaurant.point));
      this.#groundStale = true;
    }
    if (!this.still && !document.hidden) for (const { order, kind } of moments) this.#ripple(order, kind, now);
    if (this.#auto && (reshaped || now - this.#fitted > REFIT_MS)) this.#follow(now);
    this.invalidate();
  }

  /** Another city: the view starts over. */
  reset() {
    this.#auto = true;
    this.#fitted = -Infinity;
    this.#ripples = [];
    this.#hover = null;
    this.#terrain.shape([]);
    this.#groundStale = true;
    this.invalidate();
  }

  /** `{kind, id, focus}` or null; brings it into view when it is not. */
  select(selection, points = []) {
    this.#selection = selection;
    if (selection && points.length > 0 && this.#shouldMove(points)) {
      this.#borrowed ||= this.#auto;
      this.#auto = false;
      const closest = Math.max(FOCUS_SCALE, this.camera.scale);
      this.camera.fit(boundsOf(points), { now: performance.now(), still: this.still, closest, margin: FOCUS_MARGIN });
      this.#groundStale = true;
    } else if (!selection && this.#borrowed) {
      this.fit();
    }
    this.invalidate();
  }

  /** A selection out of view is brought into it; on a small map also one that is drawn too small to make out. */
  #shouldMove(points) {
    if (!points.every((point) => this.camera.sees(point))) return true;
    const { left, right, top, bottom } = boundsOf(points);
    const tiny = Math.hypot(right - left, bottom - top) * this.camera.scale < SMALL_SELECTION;
    return this.camera.width < SMALL_MAP && tiny && this.camera.scale < FOCUS_SCALE;
  }

  fit() {
    this.#auto = true;
    this.#borrowed = false;
    this.#fitted = -Infinity;
    this.#follow(performance.now());
    this.invalidate();
  }

  zoom(factor) {
    this.#auto = false;
    this.#borrowed = false;
    this.camera.zoomAt(this.camera.originX, this.camera.originY, factor);
    this.#groundStale = true;
    this.invalidate();
  }

  /** Pixels at the lower edge that something covers. */
  cover(bottom) {
    if (!this.camera.cover(bottom)) return;
    this.#groundStale = true;
    if (this.#auto) this.fit();
    this.invalidate();
  }

  invalidate() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame((now) => this.#frame(now));
  }

  #listen() {
    const changing = (change) => {
      this.#auto = false;
      this.#borrowed = false;
      change();
      this.#groundStale = true;
      this.invalidate();
    };
    listen(this.#live, {
      pan: (dx, dy) => changing(() => this.camera.panBy(dx, dy)),
      zoom: (x, y, factor) => changing(() => this.camera.zoomAt(x, y, factor)),
      fit: () => this.fit(),
      hover: (x, y) => this.#hoverAt(x, y),
      tap: (x, y, coarse) => this.#on.choose(pick(this.#city, x, y, coarse)),
    });
    byId('zoom-in').addEventListener('click', () => this.zoom(1.6));
    byId('zoom-out').addEventListener('click', () => this.zoom(1 / 1.6));
    byId('zoom-fit').addEventListener('click', () => this.fit());
  }

  #resize() {
    const { clientWidth: width, clientHeight: height } = byId('map');
    if (width === 0 || height === 0) return;
    this.#ratio = Math.min(MAX_RATIO, window.devicePixelRatio || 1);
    for (const canvas of [this.#ground, this.#live]) {
      canvas.width = Math.round(width * this.#ratio);
      canvas.height = Math.round(height * this.#ratio);
    }
    Object.assign(this.camera, { width, height });
    this.#groundStale = true;
    if (this.#auto) this.#follow(performance.now(), true);
    this.invalidate();
  }

  #recolour() {
    this.#palette = readPalette();
    this.#terrain.recolour();
    this.#groundStale = true;
    this.invalidate();
  }

  #follow(now, still = false) {
    const bounds = boundsOf(this.#city.points());
    if (!bounds) return;
    const first = this.#fitted === -Infinity;
    this.camera.fit(bounds, { now, still: this.still || still || first });
    this.#groundStale = true;
    this.#fitted = now;
  }

  #ripple(order, kind, now) {
    const point = kind === 'placed' ? this.#city.restaurants.get(order.restaurantId)?.point : order.door;
    if (!point) return;
    this.#ripples.push({ point, start: now, tone: kind === 'placed' ? 'kitchen' : order.phase });
    if (this.#ripples.length > RIPPLES) this.#ripples.shift();
  }

  #frame(now) {
    this.#scheduled = false;
    const elapsed = Math.min(100, now - this.#last);
    this.#last = now;
    const gliding = this.camera.step(now);
    if (gliding || this.#groundStale) this.#paintGround();
    const moving = this.#place(now, elapsed);
    this.#paintLive(now);
    if (gliding || moving || this.#ripples.length > 0) this.invalidate();
  }

  #paintGround() {
    this.#groundStale = false;
    paintGround(
      this.#ground.getContext('2d', { alpha: false }),
      this.camera,
      this.#palette,
      this.#terrain,
      this.#ratio,
    );
    const bar = scaleBar(this.camera.scale);
    byId('scale-bar').firstElementChild.style.width = `${bar.pixels}px`;
    setText(byId('scale-bar').lastElementChild, bar.label);
  }

  /** Gives every mark its place on the screen; true while any of them moves. */
  #place(now, elapsed) {
    const { camera } = this;
    const onScreen = (mark, { x, y }) => {
      mark.sx = camera.screenX(x);
      mark.sy = camera.screenY(y);
    };
    for (const restaurant of this.#city.restaurants.values()) onScreen(restaurant, restaurant.point);
    for (const order of this.#city.orders.values()) if (order.door) onScreen(order.door, order.door);
    const extra = this.#selection?.focus().extra;
    if (extra?.door) onScreen(extra.door, extra.door);
    let moving = 0;
    let fanning = false;
    const here = { x: 0, y: 0 };
    for (const partner of this.#city.partners.values()) {
      positionOf(partner.track, now, here);
      onScreen(partner, here);
      partner.moving = isMoving(partner.track, now);
      if (partner.moving) moving += 1;
      fanning = this.#fan(partner, elapsed) || fanning;
      partner.trail = this.#trail(partner);
    }
    this.#moving = moving;
    return moving > 0 || fanning;
  }

  #fan(partner, elapsed) {
    partner.angle ??= [...partner.id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) * 2.399;
    const target = partner.state === 'AT_RESTAURANT' ? 1 : 0;
    const before = partner.fan ?? target;
    const step = this.still ? 1 : elapsed * FAN_PER_MS;
    partner.fan = target > before ? Math.min(target, before + step) : Math.max(target, before - step);
    partner.sx += Math.cos(partner.angle) * FAN_PIXELS * partner.fan;
    partner.sy += Math.sin(partner.angle) * FAN_PIXELS * partner.fan;
    return partner.fan !== target;
  }

  #trail({ track, moving }) {
    if (!moving || this.still) return [];
    const points = [];
    for (let i = 0; i < track.tail.length; i += 2) {
      points.push(this.camera.screenX(track.tail[i]), this.camera.screenY(track.tail[i + 1]));
    }
    return points;
  }

  #paintLive(now) {
    const context = this.#marks.context;
    const palette = this.#palette;
    const size = markSize(this.camera.scale);
    context.setTransform(this.#ratio, 0, 0, this.#ratio, 0, 0);
    context.clearRect(0, 0, this.camera.width, this.camera.height);
    const focus = this.#selection?.focus() ?? null;
    this.#marks.paint({ palette, size, focus, trails: !this.still });
    this.#paintRipples(now, palette, size);
    this.#paintRing(this.#hover, palette['ink-soft'], size);
    this.#paintRing(this.#selection, palette.ink, size);
    this.#labels.paint(context, this.#wantedLabels(size, focus), palette);
  }

  #paintRipples(now, palette, size) {
    this.#ripples = this.#ripples.filter((ripple) => now - ripple.start < RIPPLE_MS);
    for (const { point, start, tone } of this.#ripples) {
      const share = Math.max(0, now - start) / RIPPLE_MS;
      this.#marks.ripple(
        this.camera.screenX(point.x),
        this.camera.screenY(point.y),
        share,
        palette[tone],
        size,
        this.#selection !== null,
      );
    }
  }

  #paintRing(hit, colour, size) {
    const mark = hit && this.#markOf(hit);
    if (mark) this.#marks.ring(mark.sx, mark.sy, 9 * size, colour);
  }

  #markOf({ kind, id }) {
    if (kind === 'partner') return this.#city.partners.get(id);
    if (kind === 'restaurant') return this.#city.restaurants.get(id);
    return this.#city.order(id)?.door;
  }

  #wantedLabels(size, focus) {
    const { width, height } = this.camera;
    const label = (restaurant, strong) => ({
      text: restaurant.name,
      x: restaurant.sx,
      y: restaurant.sy,
      offset: 10 * size,
      strong,
    });
    const strong = focus ? [...focus.restaurants].map((id) => this.#city.restaurants.get(id)).filter(Boolean) : [];
    const wanted = strong.map((restaurant) => label(restaurant, true));
    if (focus) return wanted;
    const seen = [];
    for (const restaurant of this.#city.restaurants.values()) {
      const { sx, sy } = restaurant;
      if (sx > 0 && sy > 0 && sx < width && sy < height) seen.push(restaurant);
    }
    if (seen.length > LABELS_BELOW) return wanted;
    seen.sort((a, b) => b.open.size - a.open.size || (a.id < b.id ? -1 : 1));
    return wanted.concat(seen.map((restaurant) => label(restaurant, false)));
  }

  #hoverAt(x, y) {
    this.#hover = x === null ? null : pick(this.#city, x, y, false);
    this.#live.classList.toggle('over-mark', this.#hover !== null);
    const tooltip = byId('tooltip');
    const text = this.#hover && this.#on.name(this.#hover);
    tooltip.hidden = !text;
    if (text) {
      setText(tooltip, text);
      const right = x > this.camera.width - 220;
      tooltip.style.transform = `translate(${right ? x - 14 : x + 14}px, ${y + 14}px)${right ? ' translateX(-100%)' : ''}`;
    }
    this.invalidate();
  }

  /** What the map holds, for whoever looks at the page from outside. */
  report() {
    const map = byId('map');
    setData(map, 'restaurants', this.#city.restaurants.size);
    setData(map, 'partners', this.#city.partners.size);
    setData(map, 'orders', this.#city.orders.size);
    setData(map, 'moving', this.#moving);
  }
}

// On a phone the side panel is a sheet over the map: peek, half or full, by its handle or by dragging. On a wide window
// nothing here has an effect.

import { byId, setData } from './dom.js';

const NARROW = matchMedia('(max-width: 820px)');
const STOPS = ['peek', 'half', 'full'];
const TAP_PIXELS = 6;

export class Sheet {
  #side = byId('side');
  #handle = byId('sheet-handle');
  #on;
  #drag = null; // {from: y, height, moved}

  /** `on.cover(pixels)`: how much of the map the sheet hides. */
  constructor(on) {
    this.#on = on;
    this.#handle.addEventListener('pointerdown', (event) => this.#grab(event));
    this.#handle.addEventListener('pointermove', (event) => this.#pull(event));
    this.#handle.addEventListener('pointerup', () => this.#release());
    this.#handle.addEventListener('pointercancel', () => this.#release());
    this.#handle.addEventListener('click', (event) => event.detail === 0 && this.#next());
    NARROW.addEventListener('change', () => this.#settle());
    window.addEventListener('resize', () => this.#settle());
    this.#settle();
  }

  get stop() {
    return this.#side.dataset.sheet;
  }

  set(stop) {
    setData(this.#side, 'sheet', stop);
    this.#handle.setAttribute('aria-expanded', String(stop !== 'peek'));
    if (stop === 'peek') this.#side.scrollTop = 0;
    this.#settle();
  }

  /** At least half open, to show a selection. */
  reveal() {
    if (this.stop === 'peek') this.set('half');
  }

  #heights() {
    const style = getComputedStyle(document.documentElement);
    const peek = parseFloat(style.getPropertyValue('--sheet-peek')) || 150;
    return {
      peek,
      half: Math.round(window.innerHeight * 0.56),
      full: window.innerHeight - byId('map').getBoundingClientRect().top,
    };
  }

  #settle() {
    const heights = this.#heights();
    if (this.#drag === null) this.#side.style.height = NARROW.matches ? `${heights[this.stop]}px` : '';
    this.#on.cover(NARROW.matches ? heights[this.stop === 'full' ? 'half' : this.stop] : 0);
  }

  #next() {
    this.set(STOPS[(STOPS.indexOf(this.stop) + 1) % STOPS.length]);
  }

  #grab(event) {
    this.#handle.setPointerCapture(event.pointerId);
    this.#drag = { from: event.clientY, height: this.#side.offsetHeight, moved: false };
  }

  #pull(event) {
    if (!this.#drag) return;
    const by = this.#drag.from - event.clientY;
    if (!this.#drag.moved && Math.abs(by) < TAP_PIXELS) return;
    this.#drag.moved = true;
    this.#side.classList.add('dragging');
    const { peek, full } = this.#heights();
    this.#side.style.height = `${Math.min(full, Math.max(peek, this.#drag.height + by))}px`;
  }

  #release() {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    this.#side.classList.remove('dragging');
    if (!drag.moved) {
      this.#next();
      return;
    }
    const heights = this.#heights();
    const height = this.#side.offsetHeight;
    this.set(
      STOPS.reduce((best, stop) => (Math.abs(heights[stop] - height) < Math.abs(heights[best] - height) ? stop : best)),
    );
  }
}

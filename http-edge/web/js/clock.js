// The platform's clock as seen from here: it runs at `scale` times the wall clock and is corrected gently by every
// message that says what time it is, so that it neither jumps nor runs backwards visibly.

const JUMP_SECONDS = 3; // of wall time; a larger difference is adopted at once
const CORRECTION = 0.15;

export class PlatformClock {
  scale = 1;
  #offset = NaN; // platform milliseconds when the wall's counter was 0

  /** The node said that it is `at` (ms), its clock running `scale` times as fast as ours. */
  observe(at, scale, wall = performance.now()) {
    if (Number.isFinite(scale) && scale > 0 && scale !== this.scale) {
      if (this.known) this.#offset = this.now(wall) - scale * wall;
      this.scale = scale;
    }
    if (!Number.isFinite(at)) return;
    const error = at - this.scale * wall - this.#offset;
    const adopt = !this.known || Math.abs(error) > JUMP_SECONDS * 1000 * this.scale;
    this.#offset = adopt ? at - this.scale * wall : this.#offset + CORRECTION * error;
  }

  get known() {
    return Number.isFinite(this.#offset);
  }

  /** Platform time in ms since the epoch; NaN before the node has said anything. */
  now(wall = performance.now()) {
    return this.#offset + this.scale * wall;
  }
}

// Names of restaurants on the map, as many as fit without touching, the busiest first.

const MOST = 40;
const FONT = '500 11.5px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
const HEIGHT = 15;
const MEASURED = 2000; // widths remembered

export class Labels {
  #widths = new Map();

  /** `wanted`: `[{text, x, y, offset, strong}]`, most important first; x and y of the mark, offset to the text. */
  paint(context, wanted, palette) {
    context.font = FONT;
    context.textBaseline = 'middle';
    context.lineJoin = 'round';
    const taken = [];
    for (const label of wanted.slice(0, 4 * MOST)) {
      const box = this.#box(context, label);
      if (taken.length >= MOST) break;
      if (taken.some((other) => overlap(box, other)) && !label.strong) continue;
      taken.push(box);
      context.strokeStyle = palette.ground;
      context.lineWidth = 3.5;
      context.strokeText(label.text, box.left, label.y);
      context.fillStyle = label.strong ? palette.ink : palette['ink-soft'];
      context.fillText(label.text, box.left, label.y);
    }
  }

  #box(context, { text, x, y, offset }) {
    if (this.#widths.size > MEASURED) this.#widths.clear();
    let width = this.#widths.get(text);
    if (width === undefined) this.#widths.set(text, (width = context.measureText(text).width));
    return { left: x + offset, right: x + offset + width, top: y - HEIGHT / 2, bottom: y + HEIGHT / 2 };
  }
}

const overlap = (a, b) => a.left < b.right + 6 && b.left < a.right + 6 && a.top < b.bottom && b.top < a.bottom;

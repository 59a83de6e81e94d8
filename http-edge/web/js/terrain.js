// The quiet shape under the city: how densely restaurants stand, as a soft glow with contour lines. Computed once per set
// of restaurants, in metres, then only scaled.

const CELLS = 72; // along the longer side
const LEVELS = [0.1, 0.26, 0.44, 0.62, 0.8]; // of the highest density
const REACH = 3; // standard deviations after which a restaurant counts no more

/** The field over the points, or null when there are too few to have a shape: {left, top, cell, columns, rows, values}. */
function density(points) {
  if (points.length < 3) return null;
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const box = { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
  const span = Math.max(box.right - box.left, box.bottom - box.top, 500);
  const sigma = span * 0.055;
  const pad = sigma * REACH;
  const cell = (span + 2 * pad) / CELLS;
  const columns = Math.ceil((box.right - box.left + 2 * pad) / cell) + 1;
  const rows = Math.ceil((box.bottom - box.top + 2 * pad) / cell) + 1;
  const values = new Float32Array(columns * rows);
  const field = { left: box.left - pad, top: box.top - pad, cell, columns, rows, values };
  for (const point of points) stamp(field, point, sigma);
  const highest = values.reduce((high, value) => Math.max(high, value), 0);
  for (let i = 0; i < values.length; i += 1) values[i] /= highest;
  return field;
}

function stamp({ left, top, cell, columns, rows, values }, { x, y }, sigma) {
  const reach = Math.ceil((sigma * REACH) / cell);
  const middle = { column: Math.round((x - left) / cell), row: Math.round((y - top) / cell) };
  for (let row = Math.max(0, middle.row - reach); row <= Math.min(rows - 1, middle.row + reach); row += 1) {
    for (
      let column = Math.max(0, middle.column - reach);
      column <= Math.min(columns - 1, middle.column + reach);
      column += 1
    ) {
      const dx = left + column * cell - x;
      const dy = top + row * cell - y;
      values[row * columns + column] += Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
    }
  }
}

/** Marching squares: the line at `level`, added to `path` in metres. */
function contour({ left, top, cell, columns, rows, values }, level, path) {
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const i = row * columns + column;
      const corners = [values[i], values[i + 1], values[i + columns + 1], values[i + columns]];
      const points = [];
      for (let side = 0; side < 4; side += 1) {
        const a = corners[side];
        const b = corners[(side + 1) % 4];
        if (a >= level === b >= level) continue;
        const share = (level - a) / (b - a);
        const [dx, dy] = [
          [share, 0],
          [1, share],
          [1 - share, 1],
          [0, 1 - share],
        ][side];
        points.push([left + (column + dx) * cell, top + (row + dy) * cell]);
      }
      for (let p = 0; p + 1 < points.length; p += 2) {
        path.moveTo(...points[p]);
        path.lineTo(...points[p + 1]);
      }
    }
  }
}

function glow({ columns, rows, values }, colour) {
  const canvas = document.createElement('canvas');
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext('2d');
  context.fillStyle = colour;
  context.fillRect(0, 0, columns, rows);
  const image = context.getImageData(0, 0, columns, rows);
  for (let i = 0; i < values.length; i += 1) image.data[4 * i + 3] *= Math.sqrt(values[i]);
  context.putImageData(image, 0, 0);
  return canvas;
}

export class Terrain {
  #field = null;
  #lines = null;
  #glow = null;

  shape(points) {
    this.#field = density(points);
    this.#glow = null;
    this.#lines = null;
    if (!this.#field) return;
    this.#lines = new Path2D();
    for (const level of LEVELS) contour(this.#field, level, this.#lines);
  }

  /** The theme has changed. */
  recolour() {
    this.#glow = null;
  }

  /** Paints it; the context's transform is device pixels. */
  paint(context, camera, palette, ratio) {
    if (!this.#field) return;
    this.#glow ??= glow(this.#field, palette.glow);
    const { left, top, cell, columns, rows } = this.#field;
    const k = camera.scale * ratio;
    context.save();
    context.setTransform(k, 0, 0, k, camera.screenX(0) * ratio, camera.screenY(0) * ratio);
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#glow, left - cell / 2, top - cell / 2, columns * cell, rows * cell);
    context.strokeStyle = palette.contour;
    context.lineWidth = ratio / k;
    context.stroke(this.#lines);
    context.restore();
  }
}

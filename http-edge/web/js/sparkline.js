// Small charts without axes: bars or a line over the buckets of history.js, newest at the right.

import { makeSvg } from './dom.js';
import { MAX_BUCKETS } from './history.js';

const WIDTH = 240;
const HEIGHT = 40;
const TOP = 3;

function begin(svg) {
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute('preserveAspectRatio', 'none');
}

const FEWEST = 16; // slots; a young history is not squeezed into a corner

const slotsFor = (values) => Math.min(MAX_BUCKETS, Math.max(FEWEST, values.length));
const heightOf = (value, highest) => (value / highest) * (HEIGHT - TOP);

/** Bars for `values` (>= 0). */
export function bars(svg, values) {
  begin(svg);
  const highest = Math.max(1, ...values);
  const slots = slotsFor(values);
  const slot = WIDTH / slots;
  const first = slots - values.length;
  svg.replaceChildren(
    makeSvg('line', { class: 'base', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 }),
    ...values.map((value, index) => {
      const height = heightOf(value, highest);
      const kind = index === values.length - 1 ? 'bar current' : 'bar';
      return makeSvg('rect', {
        class: kind,
        x: (first + index) * slot + 0.6,
        width: slot - 1.2,
        y: HEIGHT - height,
        height,
      });
    }),
  );
}

/** A line through `values`; NaN leaves it out. Starts at zero, so that twice as high is twice as long. */
export function line(svg, values) {
  begin(svg);
  const known = values.filter(Number.isFinite);
  const highest = Math.max(1, ...known) * 1.05;
  const slots = slotsFor(values);
  const slot = WIDTH / slots;
  const first = slots - values.length;
  const points = values
    .map((value, index) => [(first + index + 0.5) * slot, HEIGHT - heightOf(value, highest)])
    .filter(([, y]) => Number.isFinite(y));
  const children = [makeSvg('line', { class: 'base', x1: 0, x2: WIDTH, y1: HEIGHT - 0.5, y2: HEIGHT - 0.5 })];
  if (points.length > 0) {
    const text = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`);
    const area = `${points[0][0].toFixed(1)},${HEIGHT} ${text.join(' ')} ${points.at(-1)[0].toFixed(1)},${HEIGHT}`;
    children.push(
      makeSvg('polygon', { class: 'area', points: area }),
      makeSvg('polyline', { class: 'curve', points: text.join(' ') }),
    );
  }
  svg.replaceChildren(...children);
}

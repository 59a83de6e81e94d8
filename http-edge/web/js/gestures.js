// Mouse, touch, wheel and keys on the map: drag to pan, wheel or pinch to zoom, tap to choose.

const TAP_PIXELS = 7;
const TAP_MS = 600;
const KEY_PAN = 60;
const KEY_ZOOM = 1.4;

/**
 * Listens on `element`. `on.pan(dx, dy)`, `on.zoom(x, y, factor)`, `on.tap(x, y, coarse)`, `on.hover(x, y)` (null, null
 * when the pointer left) and `on.fit()`.
 */
export function listen(element, on) {
  const pointers = new Map(); // id -> last {x, y}
  let down = null; // where and when a possible tap began

  const at = (event) => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  function pinch(moved, before, after) {
    const other = [...pointers.entries()].find(([id]) => id !== moved)[1];
    const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y);
    const middle = { x: (after.x + other.x) / 2, y: (after.y + other.y) / 2 };
    on.pan((after.x - before.x) / 2, (after.y - before.y) / 2);
    if (distance(before) > 10) on.zoom(middle.x, middle.y, distance(after) / distance(before));
  }

  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || pointers.size >= 2) return;
    element.setPointerCapture(event.pointerId);
    const point = at(event);
    pointers.set(event.pointerId, point);
    down = pointers.size === 1 ? { ...point, time: event.timeStamp } : null;
  });

  element.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    const point = at(event);
    if (!before) {
      if (event.pointerType === 'mouse') on.hover(point.x, point.y);
      return;
    }
    if (down && Math.hypot(point.x - down.x, point.y - down.y) < TAP_PIXELS) return;
    down = null;
    element.classList.add('dragging');
    on.hover(null, null);
    pointers.set(event.pointerId, point);
    if (pointers.size === 2) pinch(event.pointerId, before, point);
    else on.pan(point.x - before.x, point.y - before.y);
  });

  const released = (event) => {
    const tapped = event.type === 'pointerup' && down && event.timeStamp - down.time < TAP_MS;
    if (tapped) on.tap(down.x, down.y, event.pointerType !== 'mouse');
    down = null;
    pointers.delete(event.pointerId);
    if (pointers.size === 0) element.classList.remove('dragging');
  };
  element.addEventListener('pointerup', released);
  element.addEventListener('pointercancel', released);
  element.addEventListener('pointerleave', () => on.hover(null, null));

  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const point = at(event);
      const unit = event.deltaMode === 1 ? 16 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.0016;
      on.zoom(point.x, point.y, Math.exp(-Math.max(-200, Math.min(200, event.deltaY * unit)) * speed));
    },
    { passive: false },
  );

  element.addEventListener('keydown', (event) => {
    const { width, height } = element.getBoundingClientRect();
    const keys = {
      ArrowLeft: () => on.pan(KEY_PAN, 0),
      ArrowRight: () => on.pan(-KEY_PAN, 0),
      ArrowUp: () => on.pan(0, KEY_PAN),
      ArrowDown: () => on.pan(0, -KEY_PAN),
      '+': () => on.zoom(width / 2, height / 2, KEY_ZOOM),
      '=': () => on.zoom(width / 2, height / 2, KEY_ZOOM),
      '-': () => on.zoom(width / 2, height / 2, 1 / KEY_ZOOM),
      0: () => on.fit(),
    };
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}

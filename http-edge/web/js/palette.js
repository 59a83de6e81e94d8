// The colours of the canvas, taken from the style sheet, so that there is one place where a colour is chosen.

const NAMES = [
  'ground',
  'grid',
  'glow',
  'contour',
  'ink',
  'ink-soft',
  'accent',
  'kitchen',
  'idle',
  'placed',
  'searching',
  'preparing',
  'waiting',
  'delivering',
  'delivered',
  'ended',
];

/** `{name: colour}` of the theme in force. */
export function readPalette() {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

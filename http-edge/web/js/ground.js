// The still part of the map: paper, terrain, a grid of whole kilometres (or what fits) and the scale bar.

const STEPS = [50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000];
const GRID_PIXELS = 84; // at least between two lines
const BAR_PIXELS = 52; // at least for the scale bar

const stepFor = (scale, pixels) => STEPS.find((step) => step * scale >= pixels) ?? STEPS.at(-1);

export function paintGround(context, camera, palette, terrain, ratio) {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = palette.ground;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  terrain.paint(context, camera, palette, ratio);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  grid(context, camera, palette);
}

function grid(context, camera, palette) {
  const step = stepFor(camera.scale, GRID_PIXELS) * camera.scale;
  const first = (origin) => ((origin % step) + step) % step;
  context.beginPath();
  for (let x = first(camera.screenX(0)); x < camera.width; x += step) {
    context.moveTo(Math.round(x) + 0.5, 0);
    context.lineTo(Math.round(x) + 0.5, camera.height);
  }
  for (let y = first(camera.screenY(0)); y < camera.height; y += step) {
    context.moveTo(0, Math.round(y) + 0.5);
    context.lineTo(camera.width, Math.round(y) + 0.5);
  }
  context.strokeStyle = palette.grid;
  context.lineWidth = 1;
  context.stroke();
}

/** The scale bar: `{pixels, label}`. */
export function scaleBar(scale) {
  const step = stepFor(scale, BAR_PIXELS);
  return { pixels: Math.round(step * scale), label: step >= 1000 ? `${step / 1000} km` : `${step} m` };
}

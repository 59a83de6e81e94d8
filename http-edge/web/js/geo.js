// A flat plane in metres around one point of the city: x grows eastwards, y southwards, as on a screen. Good to a few
// parts in a thousand over the tens of kilometres a zone spans.

const METRES_PER_DEGREE = 111_195; // of a sphere of 6371 km

export class Plane {
  /** The plane that touches the globe at this point (degrees). */
  constructor(latitude, longitude) {
    this.latitude = latitude;
    this.longitude = longitude;
    this.metresPerLongitude = METRES_PER_DEGREE * Math.max(0.01, Math.cos((latitude * Math.PI) / 180));
  }

  /** Degrees to metres; longitudes wrap at the date line. */
  project({ latitude, longitude }) {
    let east = longitude - this.longitude;
    if (east > 180) east -= 360;
    if (east < -180) east += 360;
    return { x: east * this.metresPerLongitude, y: (this.latitude - latitude) * METRES_PER_DEGREE };
  }
}

/**
 * The box around the points `[{x, y}]` that a view should show, or null without points. With many points a few
 * outermost at each side are left out, so that one stray position does not shrink the city to a dot.
 */
export function boundsOf(points) {
  if (points.length === 0) return null;
  const trim = points.length >= 50 ? Math.floor(points.length / 150) : 0;
  const span = (values) => {
    const sorted = values.sort((a, b) => a - b);
    return [sorted[trim], sorted[sorted.length - 1 - trim]];
  };
  const [left, right] = span(points.map((point) => point.x));
  const [top, bottom] = span(points.map((point) => point.y));
  return { left, right, top, bottom };
}

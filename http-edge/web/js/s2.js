// Where a zone lies. A zone is a cell of the S2 grid (s2geometry.io), named by its token: the cell's 64-bit id in
// hexadecimal without the zeros at its end.

const TOKEN = /^[0-9a-f]{1,16}$/;
const FACE_BITS = 3;
const DEGREES = 180 / Math.PI;

// The four quarters of a cell as (i, j), in the order of the curve that numbers them, before it is turned.
const QUARTERS = [
  [0, 0],
  [0, 1],
  [1, 1],
  [1, 0],
];

// From a point on a face of the cube to space.
const FACES = [
  (u, v) => [1, u, v],
  (u, v) => [-u, 1, v],
  (u, v) => [-u, -v, 1],
  (u, v) => [-1, -v, -u],
  (u, v) => [v, -1, -u],
  (u, v) => [v, u, -1],
];

/** The grid's quadratic projection: the share 0..1 of a face's side to -1..1 on the cube. */
const onCube = (share) => (share >= 0.5 ? (4 * share * share - 1) / 3 : (1 - 4 * (1 - share) * (1 - share)) / 3);

/** Follows the curve through `bits`, two for each level: the middle of the cell as shares of the face's sides. */
function middle(bits, face) {
  let swapped = face % 2 === 1;
  let inverted = false;
  let size = 1;
  let s = 0;
  let t = 0;
  for (let at = 0; at < bits.length; at += 2) {
    const quarter = parseInt(bits.slice(at, at + 2), 2);
    let [i, j] = QUARTERS[quarter];
    if (swapped) [i, j] = [j, i];
    if (inverted) [i, j] = [1 - i, 1 - j];
    size /= 2;
    s += i * size;
    t += j * size;
    if (quarter === 0 || quarter === 3) swapped = !swapped;
    if (quarter === 3) inverted = !inverted;
  }
  return [s + size / 2, t + size / 2];
}

/** The centre of the cell, `{latitude, longitude}` in degrees; null when the token names none. */
export function centreOf(token) {
  if (!TOKEN.test(token)) return null;
  const id = BigInt(`0x${token.padEnd(16, '0')}`).toString(2).padStart(64, '0');
  const face = parseInt(id.slice(0, FACE_BITS), 2);
  // The last bit that is set ends the path, whose length is the cell's level.
  const end = id.lastIndexOf('1');
  if (end < FACE_BITS || face >= FACES.length || (end - FACE_BITS) % 2 === 1) return null;
  const path = id.slice(FACE_BITS, end);
  const [s, t] = middle(path, face);
  const [x, y, z] = FACES[face](onCube(s), onCube(t));
  return { latitude: Math.atan2(z, Math.hypot(x, y)) * DEGREES, longitude: Math.atan2(y, x) * DEGREES };
}

/** A point of a picture. */
export type Point = readonly [x: number, y: number];

/** Points that are closer to the last one are left out of a path, in units of the picture. */
const APART = 4;

/** A path with one more point, where it is far enough from the last one. */
export function extended(path: readonly Point[], point: Point): readonly Point[] {
  const last = path.at(-1);
  const isNear = last !== undefined && Math.hypot(point[0] - last[0], point[1] - last[1]) < APART;
  return isNear ? path : [...path, point];
}

/** Whether a path encloses anything: a click moves a little, too. */
export function isRegion(path: readonly Point[]): boolean {
  const size = (axis: 0 | 1) => {
    const values = path.map((point) => point[axis]);
    return Math.max(...values) - Math.min(...values);
  };
  return path.length > 2 && size(0) > 2 * APART && size(1) > 2 * APART;
}

/** Whether a point lies within a closed path (a ray to the right crosses it an odd number of times). */
export function isInside(path: readonly Point[], [x, y]: Point): boolean {
  let inside = false;
  for (const [index, [toX, toY]] of path.entries()) {
    const [fromX, fromY] = path.at(index - 1) ?? [toX, toY];
    const crosses = fromY > y !== toY > y;
    if (crosses && x < ((fromX - toX) * (y - toY)) / (fromY - toY) + toX) inside = !inside;
  }
  return inside;
}

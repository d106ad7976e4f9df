/** Finds places for the labels of edges that are cut off at the border of a cluster. */

export type Point = [x: number, y: number];

/** One line of text. */
export interface Line {
  /** Centre of the line; `y` is its baseline. */
  x: number;
  left: number;
  y: number;
  text: string;
}

export interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Room {
  /** The right border of the drawing. */
  right: number;
  /** What labels must not cover. */
  taken: Box[];
}

const ASCENT = 9;
const DESCENT = 4;

export const boxOf = ({ x, left, y }: Line): Box => ({
  left,
  right: 2 * x - left,
  top: y - ASCENT,
  bottom: y + DESCENT,
});

/**
 * Moves a label onto the visible part of its edge: as close to its middle as it covers nothing else, or onto the middle
 * where it always does. From then on its place is taken.
 */
export function withoutOverlap(label: Line[], curve: Point[], { right, taken }: Room): Line[] {
  const places = pointsFromMiddle(curve).map((point) => movedTo(point, label, right));
  const place = places.find((lines) => lines.map(boxOf).every((box) => isFree(box, taken))) ?? places[0] ?? label;
  taken.push(...place.map(boxOf));
  return place;
}

const isFree = (box: Box, taken: readonly Box[]): boolean =>
  taken.every(
    (other) => box.left >= other.right || other.left >= box.right || box.top >= other.bottom || other.top >= box.bottom,
  );

function movedTo([x, y]: Point, label: Line[], right: number): Line[] {
  const top = label[0]?.y ?? 0;
  const height = (label.at(-1)?.y ?? 0) - top;
  const half = Math.max(...label.map((line) => line.x - line.left));
  const within = Math.min(Math.max(x, half), right - half);
  return label.map((line) => ({
    ...line,
    x: within,
    left: within - (line.x - line.left),
    y: y - height / 2 + (line.y - top) + DESCENT,
  }));
}

/** Points of each segment of a curve that are tried. */
const STEPS = 8;

/** Points on a Bézier curve, the middle first. Its ends are left out. */
function pointsFromMiddle(curve: Point[]): Point[] {
  const segments = (curve.length - 1) / 3;
  const points = Array.from({ length: STEPS * segments - 1 }, (_, n) => pointAt(curve, (n + 1) / STEPS));
  const middle = (points.length - 1) / 2;
  return points
    .map((point, n) => ({ point, away: Math.abs(n - middle) }))
    .toSorted((one, other) => one.away - other.away)
    .map(({ point }) => point);
}

/** `at` counts segments: 1.5 is the middle of the second one. */
function pointAt(curve: Point[], at: number): Point {
  const segment = Math.floor(at);
  const t = at - segment;
  const [a, b, c, d] = curve.slice(segment * 3, segment * 3 + 4);
  if (!a || !b || !c || !d) return a ?? [0, 0];
  const on = (axis: 0 | 1): number =>
    (1 - t) ** 3 * a[axis] + 3 * (1 - t) ** 2 * t * b[axis] + 3 * (1 - t) * t ** 2 * c[axis] + t ** 3 * d[axis];
  return [on(0), on(1)];
}

import { expect, it } from 'vitest';
import { type Box, boxOf, type Point, withoutOverlap } from '../../src/inspect/chartLabels.ts';

/** A line from the left to the right, as one segment of a curve. */
const CURVE: Point[] = [
  [0, 50],
  [100, 50],
  [200, 50],
  [300, 50],
];
const LABEL = [{ x: 20, left: 0, y: 0, text: '[isReady]' }];

const placed = (taken: Box[]): Box[] => withoutOverlap(LABEL, CURVE, { right: 300, taken }).map(boxOf);
const across = (left: number, right: number): Box => ({ left, right, top: 0, bottom: 100 });

it('a label stands on the middle of its edge where nothing else is', () => {
  expect(placed([])).toEqual([{ left: 130, right: 170, top: 45, bottom: 58 }]);
});

it('a label moves along its edge until it covers nothing', () => {
  const [box] = placed([across(140, 160)]);
  expect(box?.right).toBeLessThanOrEqual(140);
  expect(box?.left).toBeGreaterThanOrEqual(0);
});

it('a second label does not cover the first one on the same edge', () => {
  const taken: Box[] = [];
  const [first, second] = [placed(taken), placed(taken)].flat();
  expect(taken).toEqual([first, second]);
  expect(second?.right).toBeLessThanOrEqual(first?.left ?? 0);
});

it('a label stands on the middle of its edge where every place is taken', () => {
  expect(placed([across(0, 300)])).toEqual([{ left: 130, right: 170, top: 45, bottom: 58 }]);
});

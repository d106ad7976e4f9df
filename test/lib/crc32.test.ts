import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { joinedCrc32 } from '../../src/lib/crc32.ts';

const bytes = (length: number, seed: number) =>
  Buffer.from(Array.from({ length }, (_, n) => Math.floor(Math.abs(Math.sin(seed + n)) * 256)));

test.each([
  [0, 0],
  [0, 5],
  [5, 0],
  [1, 1],
  [9, 1],
  [1, 255],
  [300, 256],
  [7, 65_537],
  [70_000, 1_500_000],
])('the checksum of %d and %d bytes is found from those of both parts', (one, other) => {
  const [first, second] = [bytes(one, 1), bytes(other, 2)];
  const joined = joinedCrc32(crc32(first), crc32(second), second.length);
  expect(joined).toBe(crc32(Buffer.concat([first, second])));
});

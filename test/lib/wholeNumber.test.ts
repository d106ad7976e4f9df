import { expect, test } from 'vitest';
import { wholeNumber } from '../../src/lib/wholeNumber.ts';

test.each([
  ['0', 0],
  ['007', 7],
  ['123456789012345', 123_456_789_012_345],
])('%s is a whole number', (text, value) => {
  expect(wholeNumber(text)).toBe(value);
});

test.each(['', ' 1', '-1', '1.5', '1e3', '0x10', 'ten', '1234567890123456'])('"%s" is not a whole number', (text) => {
  expect(() => wholeNumber(text)).toThrow('Write a whole number.');
});

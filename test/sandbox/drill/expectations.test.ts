import { expect, it } from 'vitest';
import { mustBe, until } from '../../../src/sandbox/drill/expectations.ts';

it('waits until something is true, and answers it', async () => {
  let looks = 0;
  expect(await until('the third look', () => (++looks === 3 ? 'there' : null))).toBe('there');
});

it('names what did not come', async () => {
  await expect(until('a ticket', () => null, 0)).rejects.toThrow('a ticket: that did not happen within 0 s');
});

it('says what was expected and what was found', () => {
  expect(() => mustBe('tickets', [1, 2], [1])).toThrow('tickets: expected [1], found [1,2]');
  expect(() => mustBe('tickets', [1], [1])).not.toThrow();
});

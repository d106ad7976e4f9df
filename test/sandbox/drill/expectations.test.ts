import { expect, it } from 'vitest';
import { expectEqual, until } from '../../../src/sandbox/drill/expectations.ts';

it('until() polls a condition and returns its value', async () => {
  let looks = 0;
  expect(await until('the third call', () => (++looks === 3 ? 'done' : null))).toBe('done');
});

it('until() names the condition that was not met in time', async () => {
  await expect(until('a ticket', () => null, 0)).rejects.toThrow('a ticket: not met within 0 s');
});

it('expectEqual() throws the name with the expected and the actual value', () => {
  expect(() => expectEqual('tickets', [1, 2], [1])).toThrow('tickets: expected [1], found [1,2]');
  expect(() => expectEqual('tickets', [1], [1])).not.toThrow();
});

import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { withAnySignal } from '../../src/lib/withAnySignal.ts';

it.each([0, 1])('signal %i aborts the work with its reason', async (n) => {
  const controllers = [new AbortController(), new AbortController()];
  const reason = await withAnySignal(
    controllers.map(({ signal }) => signal),
    async (any) => {
      expect(any.aborted).toBe(false);
      controllers[n]?.abort('stop');
      return any.reason;
    },
  );
  expect(reason).toBe('stop');
});

it('a signal that is aborted already aborts the work at once', async () => {
  expect(await withAnySignal([undefined, AbortSignal.abort()], async ({ aborted }) => aborted)).toBe(true);
});

it('no listener is left behind, whether the work succeeds or fails', async () => {
  const { signal } = new AbortController();
  await withAnySignal([signal], async () => expect(getEventListeners(signal, 'abort')).toHaveLength(1));
  await expect(withAnySignal([signal], () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

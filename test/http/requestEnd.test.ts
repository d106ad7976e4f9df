import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import type { Ctx } from '../../src/http/context.ts';
import { requestEnd } from '../../src/http/requestEnd.ts';

it('a request that waits in several places watches its response once, and all of them learn of its end', () => {
  const res = Object.assign(new EventEmitter(), { destroyed: false });
  const ctx = { res } as unknown as Ctx;
  const signals = Array.from({ length: 20 }, () => requestEnd(ctx));
  expect(res.listenerCount('close')).toBe(1);
  res.emit('close');
  expect(signals.map(({ aborted }) => aborted)).not.toContain(false);
  expect(requestEnd(ctx).aborted).toBe(true);
});

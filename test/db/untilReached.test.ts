import { expect, it, vi } from 'vitest';
import { untilReached } from '../../src/db/untilReached.ts';
import { createLog } from '../../src/log/log.ts';

const log = createLog({ level: 'silent' });
const never = new AbortController().signal;
const away = () => Object.assign(new Error('sorry, too many clients already'), { code: '53300', severity: 'FATAL' });

it('work of the start is repeated until the database can be reached', async () => {
  const work = vi.fn().mockRejectedValueOnce(away()).mockResolvedValueOnce('done');
  expect(await untilReached(work, log, never)).toBe('done');
});

const locked = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });

it('work of the start is repeated while another process holds a lock', async () => {
  const work = vi.fn().mockRejectedValueOnce(locked).mockResolvedValueOnce('done');
  expect(await untilReached(work, log, never)).toBe('done');
});

it('work of the start that runs into a limit for too long fails with it', async () => {
  const work = vi.fn().mockRejectedValue(locked);
  await expect(untilReached(work, log, never, 0)).rejects.toBe(locked);
  expect(work).toHaveBeenCalledTimes(1);
});

it('work of the start that fails for another reason is not repeated', async () => {
  const work = vi.fn().mockRejectedValue(new Error('a bug'));
  await expect(untilReached(work, log, never)).rejects.toThrow('a bug');
  expect(work).toHaveBeenCalledTimes(1);
});

it('a start that waits for the database ends when the process has to stop', async () => {
  const stopping = new AbortController();
  const work = vi.fn(() => {
    setImmediate(() => stopping.abort());
    return Promise.reject(away());
  });
  await expect(untilReached(work, log, stopping.signal)).rejects.toThrow(/abort/i);
});

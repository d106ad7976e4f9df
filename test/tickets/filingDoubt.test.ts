import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordWithdrawals } from '../../src/tickets/filingIntents.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { eventually } from '../support/eventually.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';

/** An attempt in doubt: the request was sent and its outcome is unknown. */

let filings: FilingFixture;
beforeAll(async () => {
  filings = await startFilingFixture();
});
afterAll(() => filings.drop());

const losing = { create: async () => Promise.reject(lostAnswer()) };
const blind = { findByMarker: async () => Promise.reject(new TicketError('unavailable', 'down')) };

async function inDoubt(path: 'alert' | 'investigate'): Promise<string> {
  const id = await filings.intends(path, path === 'investigate' ? 60_000 : null);
  expect(await filings.protocol(path === 'alert' ? { ...losing, ...blind } : losing).file(id, FIRST_RUN)).toStrictEqual(
    path === 'alert' ? { outcome: 'doubt', problem: 'unavailable' } : { outcome: 'doubt' },
  );
  return id;
}

describe.concurrent('an attempt in doubt', () => {
  test('is looked up at about 2, 5, 15 and 60 s', async () => {
    const id = await inDoubt('alert');
    for (const [ago, next] of [
      [0, 2],
      [2, 5],
      [5, 15],
      [15, 60],
    ] as const) {
      // A busy machine may read the attempt so much later that another look-up is the next one.
      await eventually(async () => {
        await filings.attemptedAgo(id, ago);
        const again = await filings.protocol().settle(id, FIRST_RUN);
        const inMs = 'inMs' in again ? again.inMs : Number.NaN;
        expect(inMs / 1_000).toBeGreaterThan(Math.max(0, next - ago - 5));
        expect(inMs / 1_000).toBeLessThan(next - ago + 0.5);
      });
    }
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'attempting', attempts: 1 });
  });

  test('does not count as a failure of the help desk in another run, unless that run cannot look it up either', async () => {
    const id = await inDoubt('alert');
    expect(await filings.protocol().file(id, FIRST_RUN)).toStrictEqual({ outcome: 'doubt', inherited: true });
    expect(await filings.protocol(blind).file(id, FIRST_RUN)).toStrictEqual({ outcome: 'doubt' });
  });

  test('of an alert becomes a new intent after the doubt', async () => {
    const id = await inDoubt('alert');
    await filings.attemptedAgo(id, 61);
    expect(await filings.protocol().settle(id, FIRST_RUN)).toMatchObject({ outcome: 'failed' });
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'planned' });
  });

  test('of a withdrawn alert is closed after the doubt', async () => {
    const id = await inDoubt('alert');
    await recordWithdrawals(filings.pool, [id]);
    await filings.attemptedAgo(id, 61);
    await filings.protocol().settle(id, FIRST_RUN);
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'withdrawn' });
  });

  test('of a click is never posted again', async () => {
    const id = await inDoubt('investigate');
    await filings.attemptedAgo(id, 61);
    await filings.protocol().settle(id, FIRST_RUN);
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'withdrawn' });
    expect(await filings.protocol().file(id, FIRST_RUN)).toStrictEqual({ outcome: 'refused', reason: 'withdrawn' });
    expect(filings.posts()).toBe(0);
  });

  test('lasts until a look-up succeeds', async () => {
    const id = await inDoubt('alert');
    await filings.attemptedAgo(id, 600);
    expect(await filings.protocol(blind).settle(id, FIRST_RUN)).toHaveProperty('inMs');
    expect(await filings.rowOf(id)).toMatchObject({ phase: 'attempting' });
  });
});

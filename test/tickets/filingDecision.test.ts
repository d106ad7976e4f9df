import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Admission, Refusal } from '../../src/tickets/admission.ts';
import { recordWithdrawals } from '../../src/tickets/filingIntents.ts';
import { FIRST_RUN, type FilingFixture, lostAnswer, startFilingFixture } from '../support/filingFixture.ts';

let fixture: FilingFixture;
beforeAll(async () => {
  fixture = await startFilingFixture();
});
afterAll(() => fixture.drop());

const STORM: Refusal = { refused: 'storm' };
const refusing =
  (verdicts: Record<string, Refusal>): Admission =>
  async (filings) =>
    filings.map(({ id }) => verdicts[id] ?? null);

test('filings that may not be posted end together, and those that are admitted or held stay planned', async () => {
  const [storm, held, admitted, later] = [
    await fixture.intends('alert'),
    await fixture.intends('alert'),
    await fixture.intends('alert'),
    await fixture.intends('alert'),
  ];
  const verdicts: Record<string, Refusal> = { [storm]: STORM, [held]: { failed: 'held' }, [later]: { later: true } };
  const { decide, file } = fixture.protocol({}, refusing(verdicts));
  expect(await file(later, FIRST_RUN)).toEqual({ inMs: expect.any(Number) });
  expect(await decide([storm, held, admitted, later])).toEqual(
    new Map([
      [storm, { outcome: 'refused', reason: 'storm' }],
      [held, { outcome: 'failed', problem: 'held', own: false }],
    ]),
  );
  expect(await fixture.rowOf(storm)).toMatchObject({ phase: 'withdrawn' });
  expect(await fixture.rowOf(held)).toMatchObject({ phase: 'planned' });
  for (const id of [admitted, later]) expect(await fixture.rowOf(id)).toMatchObject({ phase: 'planned', attempts: 0 });
});

test('a click, a withdrawn filing and one in doubt are left to runs of their own', async () => {
  const click = await fixture.intends('investigate');
  const withdrawn = await fixture.intends('alert');
  await recordWithdrawals(fixture.pool, [withdrawn]);
  const inDoubt = await fixture.intends('alert');
  await fixture
    .protocol({ create: () => Promise.reject(lostAnswer()) })
    .file(inDoubt, { ...FIRST_RUN, signal: AbortSignal.abort() })
    .catch(() => null);
  const ids = [click, withdrawn, inDoubt];
  const { decide } = fixture.protocol({}, refusing(Object.fromEntries(ids.map((id) => [id, STORM]))));
  expect(await decide([...ids, 'no such filing'])).toEqual(new Map());
  expect(await fixture.rowOf(inDoubt)).toMatchObject({ phase: 'attempting' });
});

test('a refusal does not end a filing whose attempt began meanwhile', async () => {
  const id = await fixture.intends('alert');
  const meanwhile: Admission = async () => {
    await fixture.protocol().file(id, FIRST_RUN);
    return [STORM];
  };
  expect(await fixture.protocol({}, meanwhile).decide([id])).toEqual(new Map());
  expect(await fixture.rowOf(id)).toMatchObject({ ticket_id: expect.any(Number) });
});

test('a filing that another transaction holds is left to a run of its own, and the others end', async () => {
  const [held, free] = [await fixture.intends('alert'), await fixture.intends('alert')];
  const stuck = await fixture.pool.connect();
  await stuck.query('begin; set local idle_in_transaction_session_timeout = 0');
  await stuck.query('select from filings where id = $1 for update', [held]);
  const { decide } = fixture.protocol({}, refusing({ [held]: STORM, [free]: STORM }));
  const decided = await decide([held, free]).catch((error: unknown) => error);
  await stuck.query('rollback');
  stuck.release();
  expect(decided).toEqual(new Map([[free, { outcome: 'refused', reason: 'storm' }]]));
  expect(await fixture.rowOf(held)).toMatchObject({ phase: 'planned' });
});

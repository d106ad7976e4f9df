import { afterAll, beforeAll, expect, it } from 'vitest';
import { POSTS } from '../support/clickEnvironment.ts';
import { eventually } from '../support/eventually.ts';
import { type SenderEnvironment, startSenderEnvironment } from '../support/senderEnvironment.ts';

/** The whole program, which measures by itself how long a request is in doubt. */

let environment: SenderEnvironment;
beforeAll(async () => {
  environment = await startSenderEnvironment([{ id: 'monitor' }]);
});
afterAll(() => environment.close());

it('the doubt about a request that FreeScout lost ends by itself, after its time', async () => {
  environment.desk.control.faults.add({ ...POSTS, kind: 'reset', times: 1 });
  const alerts = [{ alert_id: 'lost', severity: 'P1', status: 'firing', title: 'Lost request' }];
  const sent = await environment.send('/api/alerts', { source: 'monitor', alerts }, environment.as('monitor'));
  expect(sent.status).toBe(202);
  const filing = async () => {
    const { rows } = await environment.pool.query<{ attempts: number; phase: string; attempted_at: Date; now: Date }>(
      'select attempts, phase, attempted_at, clock_timestamp() as now from filings',
    );
    return rows[0];
  };
  const isInDoubt = { attempts: 1, phase: 'attempting' };
  const began = await eventually(async () => {
    const attempt = await filing();
    expect(attempt).toMatchObject(isInDoubt);
    return attempt;
  });
  const ended = await eventually(async () => {
    const attempt = await filing();
    expect(attempt).not.toMatchObject(isInDoubt);
    return attempt;
  });
  const lastedMs = Number(ended?.now) - Number(began?.attempted_at);
  expect(lastedMs).toBeGreaterThanOrEqual(environment.config.freescout.inDoubtSeconds * 1_000);
});

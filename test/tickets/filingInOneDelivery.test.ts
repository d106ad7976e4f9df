import { expect, it, onTestFinished } from 'vitest';
import { type EmissionPolicy, fromSender, NOT_SUPPRESSED } from '../../src/alerts/emission.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';
import { POSTS } from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { startManualEnvironment } from '../support/manualEnvironment.ts';

/** Filings that begin and end in one transaction, because one request says so much about its alerts. */

const says = (alert_id: string, status: EmissionInput['status']): EmissionInput => ({
  ...{ alert_id, status, severity: 'P1', title: `Trouble with ${alert_id}` },
});

async function startProgram() {
  const environment = await startEnvironment();
  onTestFinished(() => environment.close());
  const { pool, desk } = environment;
  const { aggregator } = environment.process();
  return {
    ...environment,
    request: (...alerts: EmissionInput[]) => aggregator.ingest('monitor', alerts),
    posts: () => desk.state.requests.filter(({ method, url }) => method === 'POST' && url === '/api/conversations'),
    /** The filing of an alert once its effect has ended. */
    async ended(alertId: string) {
      const actor = `alert:monitor:${alertId}`;
      await eventually(async () => {
        const { rows } = await pool.query("select status from effects where actor_id = $1 and src = 'fileTicket'", [
          actor,
        ]);
        expect(rows).toEqual([{ status: 'done' }]);
      });
      const { rows } = await pool.query('select phase, admitted_at from filings where actor_id = $1', [actor]);
      return rows;
    },
  };
}

it('an alert that fires and resolves in a request that also ends a filing under way gets no ticket', async () => {
  const { desk, request, posts, ended } = await startProgram();
  desk.control.faults.add({ kind: 'hang', times: 1, ...POSTS });
  await request(says('under-way', 'firing'));
  await eventually(() => expect(posts()).toHaveLength(1));
  await request(says('under-way', 'resolved'), says('brief', 'firing'), says('brief', 'resolved'));
  expect(await ended('brief')).toEqual([{ phase: 'withdrawn', admitted_at: null }]);
  expect(posts()).toHaveLength(1);
});

it('an alert that fires and resolves in one request takes no slot of the storm window and no call of FreeScout', async () => {
  const { desk, request, ended } = await startProgram();
  await request(says('brief', 'firing'), says('brief', 'resolved'));
  expect(await ended('brief')).toEqual([{ phase: 'withdrawn', admitted_at: null }]);
  expect(desk.state.requests).toEqual([]);
});

const POLICY: EmissionPolicy = {
  autoTicket: true,
  isSilenced: () => false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 1,
  flapWindowMs: 600_000,
  reopenWithinMs: () => 0,
  escalateAfterMs: () => null,
};

it('an episode that ends and resumes behind the first alert of a request has its next filing', async () => {
  const { pool, deliver, answer, drop } = await startManualEnvironment();
  onTestFinished(drop);
  const request = (...alerts: EmissionInput[]) =>
    deliver(alerts.map((alert) => fromSender('monitor', alert, null, POLICY)));
  await request(says('flapping', 'firing'));
  await answer('alert:monitor:flapping', 'file', { outcome: 'failed', problem: 'unavailable', own: false });
  await request(says('first', 'firing'), says('flapping', 'resolved'), says('flapping', 'firing'));
  const { rows } = await pool.query('select id, subject_key as subject, phase from filings order by id');
  expect(rows).toEqual([
    { id: 'alert:monitor:first:1', subject: 'alert:monitor:first:1', phase: 'planned' },
    { id: 'alert:monitor:flapping:1', subject: 'alert:monitor:flapping:1', phase: 'withdrawn' },
    { id: 'alert:monitor:flapping:2', subject: 'alert:monitor:flapping:1', phase: 'planned' },
  ]);
});

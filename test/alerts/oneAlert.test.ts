import { afterAll, beforeAll, expect, it } from 'vitest';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';
import { countSent, firstWithin, recordStatements } from '../support/recordStatements.ts';
import { startProcess } from '../support/startProcess.ts';

/** The way of a single alert on an idle system, through a web process. */

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

/** Whether the ticket of this alert is filed. What other tests leave to workers may be filed meanwhile. */
const filed = async (id: string) =>
  (await environment.audit('console.alerts.ticket_filed')).some(({ payload }) => payload.alert_key === `monitor:${id}`);

it('a web process files and announces a single alert without a worker', async () => {
  const web = environment.web();
  await web.fire('single');
  const about = <T extends object>(all: T[]): T[] =>
    all.filter((one) => JSON.stringify(one).includes('Trouble with single'));
  await eventually(async () => {
    expect(await filed('single')).toBe(true);
    expect(about(environment.openings())).toHaveLength(1);
  });
  expect(about(environment.tickets()).map(({ tags }) => tags.toSorted())).toEqual([
    ['auto:alert', 'auto:alert:monitor'],
  ]);
  await web.stop();
});

it('a web process without access to FreeScout leaves the ticket to a worker', async () => {
  const { freescout } = environment.config;
  const web = environment.web({ freescout: { ...freescout, apiKey: null } });
  await web.fire('elsewhere');
  const { rows } = await environment.pool.query(
    "select status, attempts from effects where actor_id = 'alert:monitor:elsewhere' and src = 'fileTicket'",
  );
  expect(rows).toEqual([{ status: 'pending', attempts: 0 }]);
  const worker = environment.process();
  await eventually(async () => expect(await filed('elsewhere')).toBe(true));
  expect(await environment.audit('console.alerts.ticket_skipped')).toEqual([]);
  await Promise.all([web.stop(), worker.stop()]);
});

/**
 * Waits until the ticket of this alert is filed, and the process has ended its run and the claim on its job. A job that
 * a process of another test left when it stopped stays: no worker runs here.
 */
const ended = (id: string) =>
  eventually(async () => {
    expect(await filed(id)).toBe(true);
    const { rows } = await environment.pool.query(
      `select from effects e join graphile_worker._private_jobs j on j.key = 'effect:' || e.id
       where e.src = 'fileTicket' and e.actor_id = $1`,
      [`alert:monitor:${id}`],
    );
    expect(rows).toEqual([]);
  });

/** One of them, which reads what suppresses, only if what was read before is too old. */
const STATEMENTS = 20;
const ROUND_TRIPS = 13;

it('a single alert takes a bounded number of statements and round trips until FreeScout is called', async () => {
  const recorder = recordStatements();
  let sentBefore = 0;
  const recording = (desk: HelpDesk): HelpDesk => ({
    ...desk,
    create(...given) {
      sentBefore = recorder.sent.length;
      return desk.create(...given);
    },
  });
  // Without Slack the message, which does not precede the ticket, is left to a worker.
  const config = { ...environment.config, slack: { ...environment.config.slack, botToken: null } };
  const web = startProcess(config, environment.url, environment.lines, recording, undefined, 'urgent');
  try {
    // The first one also looks at FreeScout.
    await web.fire('first');
    const { sent, roundTrips, list } = await firstWithin(
      async (name, before) => {
        await ended(before);
        const from = recorder.sent.length;
        sentBefore = 0;
        await web.fire(name);
        await expect.poll(() => sentBefore).toBeGreaterThan(0);
        return countSent(recorder.sent.slice(from, sentBefore));
      },
      (counted) => counted.sent <= STATEMENTS && counted.roundTrips <= ROUND_TRIPS,
    );
    expect(sent, list).toBeLessThanOrEqual(STATEMENTS);
    expect(roundTrips, list).toBeLessThanOrEqual(ROUND_TRIPS);
  } finally {
    recorder.stop();
    await web.stop();
  }
});

import { expect, test } from 'vitest';
import {
  auditAbout,
  type Environment,
  filed,
  POSTS,
  postsAbout,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** A process that has to stop during a filing hands it to the next process; that does not count as a failing help desk. */

const LIST = { method: 'GET', path: '^/api/mailboxes$' };

const isUnderWay = (environment: Environment) =>
  eventually(() => expect(environment.desk.control.faults.list()).toHaveLength(0));
const nothingWasSkipped = async (environment: Environment) => {
  expect(await environment.audit('console.alerts.ticket_skipped')).toHaveLength(0);
  expect((await environment.pool.query("select 1 from actors where state ? 'failing'")).rows).toHaveLength(0);
};

test('a process that stops before posting an alert’s ticket leaves it to the next process at once', async () => {
  const environment = await startEnvironment();
  const one = environment.process();
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, times: 1, ...LIST });
  await one.check('api', 'up', 'down');
  await isUnderWay(environment);
  await one.stop();
  environment.process();
  await eventually(async () => expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1));
  expect(ticketsAbout(environment, 'api')).toHaveLength(1);
  await nothingWasSkipped(environment);
  await environment.close();
});

test('a process that stops while posting an alert’s ticket leaves it to the next process, which finds it', async () => {
  const environment = await startEnvironment();
  const one = environment.process();
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 1_000, times: 1, ...POSTS });
  await one.check('api', 'up', 'down');
  await isUnderWay(environment);
  await one.stop();
  environment.process();
  await eventually(async () => expect(await environment.audit('console.alerts.ticket_filed')).toHaveLength(1));
  expect(postsAbout(environment, 'api')).toBe(1);
  expect(await environment.audit('console.alerts.ticket_skipped')).toHaveLength(0);
  await environment.close();
});

test('a process that stops during a click of another process leaves it to the next process, and the operator gets the ticket', async () => {
  const environment = await startClickEnvironment();
  const worker = environment.process();
  const web = environment.process();
  await web.host.stop(0);
  await reportChecks(web, 'api', 'up', 'down');
  environment.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, times: 1, ...LIST });
  const answer = filed(web.investigate('api', 'olga'));
  await isUnderWay(environment);
  await worker.stop();
  environment.process();
  expect(await answer).toMatchObject({ idempotent: false });
  expect(await auditAbout(environment, 'api')).toHaveLength(1);
  expect(ticketsAbout(environment, 'api')).toHaveLength(1);
  await environment.close();
});

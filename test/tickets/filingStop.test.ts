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

/** A process is told to stop in the middle of a filing and hands it to the next one, which is no failure of the help desk. */

const LIST = { method: 'GET', path: '^/api/mailboxes$' };

const isUnderWay = (house: Environment) => eventually(() => expect(house.desk.control.faults.list()).toHaveLength(0));
const nothingWasSkipped = async (house: Environment) => {
  expect(await house.audit('console.alerts.ticket_skipped')).toHaveLength(0);
  expect((await house.pool.query("select 1 from actors where state ? 'failing'")).rows).toHaveLength(0);
};

test('before an alert’s ticket is posted: the next process files it at once', async () => {
  const house = await startEnvironment();
  const one = house.process();
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, times: 1, ...LIST });
  await one.check('api', 'up', 'down');
  await isUnderWay(house);
  await one.stop();
  house.process();
  await eventually(async () => expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1));
  expect(ticketsAbout(house, 'api')).toHaveLength(1);
  await nothingWasSkipped(house);
  await house.close();
});

test('while an alert’s ticket is posted: the next process finds it and posts no other', async () => {
  const house = await startEnvironment();
  const one = house.process();
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 1_000, times: 1, ...POSTS });
  await one.check('api', 'up', 'down');
  await isUnderWay(house);
  await one.stop();
  house.process();
  await eventually(async () => expect(await house.audit('console.alerts.ticket_filed')).toHaveLength(1));
  expect(postsAbout(house, 'api')).toBe(1);
  expect(await house.audit('console.alerts.ticket_skipped')).toHaveLength(0);
  await house.close();
});

test('in the middle of a click that another process waits for: the operator gets the ticket', async () => {
  const house = await startClickEnvironment();
  const worker = house.process();
  const web = house.process();
  await web.host.stop(0);
  await reportChecks(web, 'api', 'up', 'down');
  house.desk.control.faults.add({ kind: 'delay', delay_ms: 1_500, times: 1, ...LIST });
  const answer = filed(web.investigate('api', 'olga'));
  await isUnderWay(house);
  await worker.stop();
  house.process();
  expect(await answer).toMatchObject({ idempotent: false });
  expect(await auditAbout(house, 'api')).toHaveLength(1);
  expect(ticketsAbout(house, 'api')).toHaveLength(1);
  await house.close();
});

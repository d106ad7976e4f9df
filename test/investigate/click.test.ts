import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  auditAbout,
  bodyOf,
  type Environment,
  filed,
  type Process,
  reportChecks,
  startClickEnvironment,
  ticketsAbout,
} from '../support/clickEnvironment.ts';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

/** What one click answers, files and records, and when it is turned away. */

let house: Environment;
let one: Process;
let two: Process;
beforeAll(async () => {
  house = await startClickEnvironment();
  [one, two] = [house.process(), house.process()];
});
afterAll(() => house.close());

describe.concurrent('a click', () => {
  test('answers surface, status, ticket and its address', async () => {
    await reportChecks(one, 'answered', 'up', 'down');
    const answer = await filed(one.investigate('answered', 'olga'));
    const [ticket] = ticketsAbout(house, 'answered');
    expect(answer).toStrictEqual({
      surface_id: 'answered',
      status: 'DOWN',
      ticket_id: ticket?.id,
      ticket_url: `${house.desk.url}/conversation/${ticket?.id}`,
      idempotent: false,
      degraded: false,
    });
  });

  test('files an active ticket of a customer who is no one, that mails nobody, in the operations mailbox', async () => {
    await reportChecks(one, 'shape', 'up', 'down');
    const { ticket_id } = await filed(one.investigate('shape', 'Olga <olga@example.com>'));
    expect(ticketsAbout(house, 'shape')).toMatchObject([
      {
        id: ticket_id,
        mailboxId: house.desk.operationsMailboxId,
        status: 'active',
        state: 'published',
        imported: true,
        customerEmail: 'console-bot@127.0.0.1',
        subject: expect.stringMatching(/^\[AT-[0-9A-Z]{10}\] DOWN: Surface shape \(shape\)$/),
        threads: [{ type: 'customer', imported: true }],
      },
    ]);
    expect(bodyOf(house, ticket_id)).toContain('Filed for Olga &lt;olga@example.com&gt;');
    expect(bodyOf(house, ticket_id)).toContain('href="http://127.0.0.1:3000/console/surfaces/shape"');
  });

  test('sets exactly its two tags', async () => {
    await reportChecks(one, 'tagged', 'up', 'down');
    await filed(one.investigate('tagged', 'olga'));
    expect(ticketsAbout(house, 'tagged')[0]?.tags.toSorted()).toStrictEqual(['auto:status', 'auto:status:tagged']);
  });

  test('leaves the tags alone that people added', async () => {
    await reportChecks(one, 'labelled', 'up', 'down');
    const { ticket_id } = await filed(one.investigate('labelled', 'olga'));
    house.desk.control.act(ticket_id, 'add-tag', { tag: 'postmortem' });
    await filed(one.investigate('labelled', 'olga'));
    expect(ticketsAbout(house, 'labelled')[0]?.tags.toSorted()).toStrictEqual([
      'auto:status',
      'auto:status:labelled',
      'postmortem',
    ]);
  });

  test('writes one audit row of exactly five fields, and one more for each later click', async () => {
    await reportChecks(one, 'audited', 'up', 'down');
    const { ticket_id, ticket_url } = await filed(one.investigate('audited', 'olga'));
    const payload = { surface_id: 'audited', status: 'DOWN', ticket_id, ticket_url };
    expect(await auditAbout(house, 'audited')).toStrictEqual([
      { actor: 'olga', payload: { ...payload, idempotent: false } },
    ]);
    await filed(two.investigate('audited', 'sam'));
    expect(await auditAbout(house, 'audited')).toStrictEqual([
      { actor: 'olga', payload: { ...payload, idempotent: false } },
      { actor: 'sam', payload: { ...payload, idempotent: true } },
    ]);
  });

  test('made fifty times at once through two processes files one ticket: one false, forty-nine true', async () => {
    await reportChecks(one, 'rushed', 'up', 'down');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => filed((n % 2 ? one : two).investigate('rushed', `operator ${n}`))),
    );
    expect(ticketsAbout(house, 'rushed')).toHaveLength(1);
    expect(new Set(answers.map(({ ticket_id }) => ticket_id)).size).toBe(1);
    expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1);
    const rows = await auditAbout(house, 'rushed');
    expect(rows).toHaveLength(50);
    expect(rows.filter(({ payload }) => payload.idempotent === false)).toHaveLength(1);
  });

  test('sends no direct message', async () => {
    await reportChecks(one, 'quiet', 'up', 'down');
    await filed(one.investigate('quiet', 'olga'));
    const { rows } = await house.pool.query('select 1 from direct_messages');
    expect(rows).toHaveLength(0);
    expect(house.slack.state.messages).toHaveLength(0);
  });

  test.each([
    ['OPERATIONAL', ['up']],
    ['OPERATIONAL', ['up', 'down', 'up']],
  ] as const)('on a surface that is %s after %j is refused as not_degraded', async (status, outcomes) => {
    const id = `well-${outcomes.length}`;
    await reportChecks(one, id, ...outcomes);
    await expect(one.investigate(id, 'olga')).rejects.toMatchObject({ status: 409, code: 'not_degraded' });
    await expect(one.investigate(id, 'olga')).rejects.toThrow(status);
    expect(ticketsAbout(house, id)).toHaveLength(0);
  });

  test('on a surface that is UNKNOWN is refused as not_degraded', async () => {
    await reportChecks(one, 'unsure', 'down');
    await one.deliver([{ to: 'surface:unsure', event: { type: 'REMOVED' } }]);
    await expect(one.investigate('unsure', 'olga')).rejects.toMatchObject({ status: 409, code: 'not_degraded' });
  });

  test('on a surface under maintenance is refused as not_degraded, and taken when that ends', async () => {
    await reportChecks(one, 'serviced', 'up', 'down');
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await one.deliver([
      { to: 'surface:serviced', event: { type: 'MAINTENANCE_SET', until, reason: 'disks', by: 'ann' } },
    ]);
    const refused = expect(one.investigate('serviced', 'olga')).rejects;
    await refused.toMatchObject({ status: 409, code: 'not_degraded', message: expect.stringContaining('MAINTENANCE') });
    await one.deliver([{ to: 'surface:serviced', event: { type: 'MAINTENANCE_ENDED', by: 'ann' } }]);
    expect(await filed(one.investigate('serviced', 'olga'))).toMatchObject({ idempotent: false });
  });

  test('on a surface that nobody knows is refused as unknown_surface', async () => {
    await expect(one.investigate('nowhere', 'olga')).rejects.toMatchObject({ status: 404, code: 'unknown_surface' });
  });
});

test('a click while its flag is off is refused as feature_disabled, whatever the surface, and files nothing', async () => {
  await reportChecks(one, 'flagged', 'up', 'down');
  await one.flags.set('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', false, 'ann');
  // Another process may believe for half a second what it last read.
  await eventually(async () => expect(await two.flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS')).toBe(false));
  await expect(two.investigate('flagged', 'olga')).rejects.toMatchObject({ status: 403, code: 'feature_disabled' });
  expect(ticketsAbout(house, 'flagged')).toHaveLength(0);
  await one.flags.set('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', true, 'ann');
  await eventually(() => filed(two.investigate('flagged', 'olga')));
});

test('a click takes no notice of the ticket that an alert filed for the same outage, nor the alert of the click', async () => {
  const alerting = await startEnvironment();
  try {
    const process = alerting.process();
    await process.check('both', 'up', 'down');
    await eventually(async () => expect(await alerting.audit('console.alerts.ticket_filed')).toHaveLength(1));
    expect(await filed(process.investigate('both', 'olga'))).toMatchObject({ idempotent: false });
    await process.check('both', 'down', 'down');
    expect(alerting.tickets().map(({ tags }) => tags.toSorted())).toStrictEqual([
      ['auto:alert', 'auto:alert:status_poller'],
      ['auto:status', 'auto:status:both'],
    ]);
    expect(alerting.openings()).toHaveLength(1);
  } finally {
    await alerting.close();
  }
});

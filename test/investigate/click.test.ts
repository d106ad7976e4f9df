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

/** What one click answers, files and audits, and when it is refused. */

let environment: Environment;
let one: Process;
let two: Process;
beforeAll(async () => {
  environment = await startClickEnvironment();
  [one, two] = [environment.process(), environment.process()];
});
afterAll(() => environment.close());

describe.concurrent('a click', () => {
  test('answers surface, status, ticket and its URL', async () => {
    await reportChecks(one, 'answered', 'up', 'down');
    const answer = await filed(one.investigate('answered', 'olga'));
    const [ticket] = ticketsAbout(environment, 'answered');
    expect(answer).toStrictEqual({
      surface_id: 'answered',
      status: 'DOWN',
      ticket_id: ticket?.id,
      ticket_url: `${environment.desk.url}/conversation/${ticket?.id}`,
      idempotent: false,
      degraded: false,
    });
  });

  test('files an active ticket of the bot customer in the operations mailbox, without sending mail', async () => {
    await reportChecks(one, 'shape', 'up', 'down');
    const { ticket_id } = await filed(one.investigate('shape', 'Olga <olga@example.com>'));
    expect(ticketsAbout(environment, 'shape')).toMatchObject([
      {
        id: ticket_id,
        mailboxId: environment.desk.operationsMailboxId,
        status: 'active',
        state: 'published',
        imported: true,
        customerEmail: 'console-bot@127.0.0.1',
        subject: expect.stringMatching(/^\[AT-[0-9A-Z]{10}\] DOWN: Surface shape \(shape\)$/),
        threads: [{ type: 'customer', imported: true }],
      },
    ]);
    expect(bodyOf(environment, ticket_id)).toContain('Filed for Olga &lt;olga@example.com&gt;');
    expect(bodyOf(environment, ticket_id)).toContain('href="http://127.0.0.1:3000/console/surfaces/shape"');
  });

  test('sets exactly its two tags', async () => {
    await reportChecks(one, 'tagged', 'up', 'down');
    await filed(one.investigate('tagged', 'olga'));
    expect(ticketsAbout(environment, 'tagged')[0]?.tags.toSorted()).toStrictEqual([
      'auto:status',
      'auto:status:tagged',
    ]);
  });

  test('keeps the tags that people added', async () => {
    await reportChecks(one, 'labelled', 'up', 'down');
    const { ticket_id } = await filed(one.investigate('labelled', 'olga'));
    environment.desk.control.act(ticket_id, 'add-tag', { tag: 'postmortem' });
    await filed(one.investigate('labelled', 'olga'));
    expect(ticketsAbout(environment, 'labelled')[0]?.tags.toSorted()).toStrictEqual([
      'auto:status',
      'auto:status:labelled',
      'postmortem',
    ]);
  });

  test('writes one audit row of exactly five fields, and one more for each later click', async () => {
    await reportChecks(one, 'audited', 'up', 'down');
    const { ticket_id, ticket_url } = await filed(one.investigate('audited', 'olga'));
    const payload = { surface_id: 'audited', status: 'DOWN', ticket_id, ticket_url };
    expect(await auditAbout(environment, 'audited')).toStrictEqual([
      { actor: 'olga', payload: { ...payload, idempotent: false } },
    ]);
    await filed(two.investigate('audited', 'sam'));
    expect(await auditAbout(environment, 'audited')).toStrictEqual([
      { actor: 'olga', payload: { ...payload, idempotent: false } },
      { actor: 'sam', payload: { ...payload, idempotent: true } },
    ]);
  });

  test('made fifty times at once through two processes files one ticket: one false, forty-nine true', async () => {
    await reportChecks(one, 'rushed', 'up', 'down');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => filed((n % 2 ? one : two).investigate('rushed', `operator ${n}`))),
    );
    expect(ticketsAbout(environment, 'rushed')).toHaveLength(1);
    expect(new Set(answers.map(({ ticket_id }) => ticket_id)).size).toBe(1);
    expect(answers.filter(({ idempotent }) => !idempotent)).toHaveLength(1);
    const rows = await auditAbout(environment, 'rushed');
    expect(rows).toHaveLength(50);
    expect(rows.filter(({ payload }) => payload.idempotent === false)).toHaveLength(1);
  });

  test('sends no direct message', async () => {
    await reportChecks(one, 'quiet', 'up', 'down');
    await filed(one.investigate('quiet', 'olga'));
    const { rows } = await environment.pool.query('select 1 from direct_messages');
    expect(rows).toHaveLength(0);
    expect(environment.slack.state.messages).toHaveLength(0);
  });

  test.each([
    ['OPERATIONAL', ['up']],
    ['OPERATIONAL', ['up', 'down', 'up']],
  ] as const)('on a surface that is %s after %j is refused as not_degraded', async (status, outcomes) => {
    const id = `well-${outcomes.length}`;
    await reportChecks(one, id, ...outcomes);
    await expect(one.investigate(id, 'olga')).rejects.toMatchObject({ status: 409, code: 'not_degraded' });
    await expect(one.investigate(id, 'olga')).rejects.toThrow(status);
    expect(ticketsAbout(environment, id)).toHaveLength(0);
  });

  test('on a surface that is UNKNOWN is refused as not_degraded', async () => {
    await reportChecks(one, 'unsure', 'down');
    await one.deliver([{ to: 'surface:unsure', event: { type: 'REMOVED' } }]);
    await expect(one.investigate('unsure', 'olga')).rejects.toMatchObject({ status: 409, code: 'not_degraded' });
  });

  test('on a surface under maintenance is refused as not_degraded, and accepted afterwards', async () => {
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

  test('on an unknown surface is refused as unknown_surface', async () => {
    await expect(one.investigate('nowhere', 'olga')).rejects.toMatchObject({ status: 404, code: 'unknown_surface' });
  });
});

test('a click while its flag is off is refused as feature_disabled, whatever the surface, and files nothing', async () => {
  await reportChecks(one, 'flagged', 'up', 'down');
  await one.flags.set('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', false, 'ann');
  // Another process may use its cached flag for half a second.
  await eventually(async () => expect(await two.flags.isOn('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS')).toBe(false));
  await expect(two.investigate('flagged', 'olga')).rejects.toMatchObject({ status: 403, code: 'feature_disabled' });
  expect(ticketsAbout(environment, 'flagged')).toHaveLength(0);
  await one.flags.set('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', true, 'ann');
  await eventually(() => filed(two.investigate('flagged', 'olga')));
});

test('a click and an alert for the same outage file a ticket each', async () => {
  const alerting = await startEnvironment();
  try {
    const process = alerting.process();
    await process.check('both', 'up', 'down');
    await eventually(async () => expect(await alerting.audit('console.alerts.ticket_filed')).toHaveLength(1));
    expect(await filed(process.investigate('both', 'olga'))).toMatchObject({ idempotent: false });
    await process.check('both', 'down', 'down');
    await alerting.settled();
    expect(alerting.tickets().map(({ tags }) => tags.toSorted())).toStrictEqual([
      ['auto:alert', 'auto:alert:status_poller'],
      ['auto:status', 'auto:status:both'],
    ]);
    expect(alerting.openings()).toHaveLength(1);
  } finally {
    await alerting.close();
  }
});

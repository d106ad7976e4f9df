import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isLimitExceeded } from '../../../src/db/databaseGone.ts';
import { Problem } from '../../../src/lib/problem.ts';
import { startEnvironment } from '../../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
  await environment.surfaces({ id: 'a' }, { id: 'b' });
});
afterAll(() => environment.close());

const firing = (id: string, more: object = {}) => ({
  alert_id: id,
  severity: 'P1',
  status: 'firing',
  title: `Trouble with ${id}`,
  ...more,
});
const accept = async (...alerts: unknown[]) => {
  const answer = await one.intake.accept('monitor', alerts);
  await environment.settled();
  return answer;
};
const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.includes(`Trouble with ${id}`));
const messages = (id: string) =>
  environment.openings().filter((message) => JSON.stringify(message).includes(`Trouble with ${id}`));
const warnings = (key: string) =>
  environment.lines.filter(({ level, alert_keys }) => level === 'WARNING' && (alert_keys as string[])?.includes(key));
const counted = async (what: string) => {
  const line = new RegExp(`auto_ticketing_irregular_alerts_total\\{what="${what}"\\} (\\d+)`);
  return Number(line.exec(await one.metrics.registry.metrics())?.[1] ?? 0);
};

describe('a request with alerts that cannot be used', () => {
  it('is accepted without them, and they are named by their position', async () => {
    const before = await counted('rejected');
    const answer = await accept(firing('usable-1'), firing(' '), firing('x', { status: null }), firing('usable-2'), 7);
    expect(answer).toMatchObject({
      accepted: 2,
      alerts: [{ alert_key: 'monitor:usable-1' }, { alert_key: 'monitor:usable-2' }],
      rejected: [
        { index: 1, field: 'alert_id' },
        { index: 2, field: 'status' },
        { index: 4, field: 'alert' },
      ],
    });
    expect([tickets('usable-1').length, tickets('usable-2').length]).toEqual([1, 1]);
    expect(await counted('rejected')).toBe(before + 3);
  });

  it('is refused with the first field where it has no other alert', async () => {
    await expect(accept(firing('x', { title: '' }), 7)).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'alerts.0.title',
    });
  });
});

it('an alert that another transaction holds is named to be sent again, and the others of its request are stored', async () => {
  await accept(firing('locked', { severity: 'P3' }));
  const holder = await environment.pool.connect();
  await holder.query('begin; set local idle_in_transaction_session_timeout = 0');
  await holder.query("select from actors where id = 'alert:monitor:locked' for update");
  const sent = [firing('free'), firing('locked'), firing(' ')];
  const error = await one.intake.accept('monitor', sent).catch((thrown: unknown) => thrown);
  await holder.query('rollback');
  holder.release();

  if (!(error instanceof Problem)) throw error;
  expect([error.code, error.status, error.field]).toEqual(['busy', 503, 'alerts.1']);
  expect(error.faults).toEqual([
    { field: 'alerts.1', message: 'Not stored, because another transaction holds this alert; send it again' },
    { field: 'alerts.2.alert_id', message: 'Expected an id of 1 to 255 characters' },
  ]);
  expect(error.message).toMatch(/^1 of 3 alerts are stored\. alerts\.1: /);
  // A stored request with this error is tried again as a whole.
  expect(isLimitExceeded(error)).toBe(true);
  await environment.settled();
  expect([tickets('free').length, tickets('locked').length]).toEqual([1, 0]);

  await accept(sent[1]);
  expect([tickets('free').length, tickets('locked').length]).toEqual([1, 1]);
  await accept(...sent);
  expect([tickets('free').length, tickets('locked').length]).toEqual([1, 1]);
});

it('two alerts are filed although the address of the second has 2,100 characters', async () => {
  const answer = await accept(
    firing('short-url'),
    firing('long-url', { url: `https://a.example/${'x'.repeat(2_082)}` }),
  );
  expect(answer.warnings).toMatchObject([{ index: 1, field: 'url' }]);
  expect([tickets('short-url').length, tickets('long-url').length]).toEqual([1, 1]);
});

it('an alert without severity is filed as P2, and answer, log and metric say that this was assumed', async () => {
  const before = await counted('severity_assumed');
  const answer = await accept(firing('no-severity', { severity: undefined }));
  expect(answer.alerts).toEqual([{ alert_key: 'monitor:no-severity', state: 'firing', severity_assumed: true }]);
  expect(tickets('no-severity')[0]?.subject).toContain('P2: ');
  expect(warnings('monitor:no-severity')).toHaveLength(1);
  await accept(firing('no-severity', { severity: undefined }));
  expect(warnings('monitor:no-severity')).toHaveLength(1);
  expect(await counted('severity_assumed')).toBe(before + 2);
});

it('an alert of severity info is recorded, and nobody is told until its severity rises', async () => {
  expect((await accept(firing('noise', { severity: 'info' }))).alerts[0]?.state).toBe('firing');
  expect([tickets('noise'), messages('noise')]).toEqual([[], []]);
  await accept(firing('noise', { severity: 'P1' }));
  expect([tickets('noise').length, messages('noise').length]).toEqual([1, 1]);
});

describe('an alert about a surface that is not in the surfaces file', () => {
  it('is taken without surface, and answer, log and metric say so', async () => {
    const before = await counted('unknown_surface');
    const answer = await accept(firing('astray', { surface_id: 'nowhere' }));
    expect(answer.alerts).toEqual([{ alert_key: 'monitor:astray', state: 'firing', unknown_surface: true }]);
    expect(tickets('astray')).toHaveLength(1);
    expect(warnings('monitor:astray')).toHaveLength(1);
    expect(await counted('unknown_surface')).toBe(before + 1);
  });

  it('resolves, in one request with a new alert of another surface', async () => {
    await accept(firing('retired', { surface_id: 'b' }));
    await environment.surfaces({ id: 'a' });
    const answer = await accept(
      firing('retired', { surface_id: 'b', status: 'resolved' }),
      firing('fresh', { surface_id: 'a' }),
    );
    expect(answer.alerts.map(({ state }) => state)).toEqual(['resolved', 'firing']);
    expect(tickets('fresh')).toHaveLength(1);
    expect(environment.notes(tickets('retired')[0]?.id)).toEqual([expect.stringContaining('Resolved')]);
  });

  it('is taken whatever its surface_id looks like', async () => {
    for (const surface_id of ['API prod', 7, {}, '\u0000']) {
      const { alerts } = await accept(firing('odd-surface', { surface_id }));
      expect(alerts[0]).toMatchObject({ unknown_surface: true });
    }
  });
});

it('the labels of an alert are on its ticket', async () => {
  await accept(firing('labelled', { labels: { team: '<sre>', host: 'db-3' } }));
  const [ticket] = tickets('labelled');
  expect(ticket?.threads[0]?.body).toContain(
    '<tr><td>host</td><td>db-3</td></tr><tr><td>team</td><td>&lt;sre&gt;</td></tr>',
  );
});

it('what a sender sends null, empty or unknown is as if it were not there', async () => {
  const answer = await accept(firing('sparse', { details: null, url: '', surface_id: null, colour: 'red' }));
  expect(answer).toEqual({
    accepted: 1,
    alerts: [{ alert_key: 'monitor:sparse', state: 'firing' }],
    warnings: [{ index: 0, field: 'colour', message: 'ignored: unknown field' }],
  });
});

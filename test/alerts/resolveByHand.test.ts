import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expiredEpisodes } from '../../src/alerts/expiredEpisodes.ts';
import { createLastSeen } from '../../src/alerts/lastSeen.ts';
import { createResolveByHand } from '../../src/alerts/resolveByHand.ts';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
let resolveByHand: ReturnType<typeof createResolveByHand>;
beforeAll(async () => {
  environment = await startEnvironment();
  // Before any process starts: each obeys a change only after a while, and any of them may decide.
  await environment.sources({ id: 'stormy', storm_max_tickets: 1 });
  one = environment.process();
  resolveByHand = createResolveByHand({ pool: environment.pool, deliver: one.deliver });
});
afterAll(() => environment.close());

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const openings = (id: string) =>
  environment.openings().filter((message) => JSON.stringify(message).includes(`Trouble with ${id}`));

describe('an operator', () => {
  it('ends an alert whose resolution got lost, with a reason that is audited and noted', async () => {
    await one.fire('lost');
    await environment.settled();
    await resolveByHand('monitor:lost', 'the host is gone', 'mia');
    await environment.settled();
    expect(await environment.audit('console.alerts.resolved_by_hand')).toEqual([
      {
        actor: 'mia',
        payload: {
          alert_key: 'monitor:lost',
          severity: 'P1',
          title: 'Trouble with lost',
          reason: 'the host is gone',
          by: 'mia',
        },
      },
    ]);
    expect(environment.notes(tickets('lost')[0]?.id)).toEqual([
      expect.stringContaining('resolved by mia: the host is gone'),
    ]);
    expect((await one.fire('lost')).alerts[0]?.state).toBe('firing');
    await environment.settled();
    expect(tickets('lost')).toHaveLength(2);
  });

  it('cannot end an alert that has ended or never was', async () => {
    await one.fire('ended');
    await one.resolve('ended');
    await expect(resolveByHand('monitor:ended', 'x', 'mia')).rejects.toMatchObject({ code: 'not_active' });
    await expect(resolveByHand('monitor:nothing', 'x', 'mia')).rejects.toMatchObject({ code: 'unknown_alert' });
  });
});

describe('an alert that is sent again after its sender was silent', () => {
  const silentFor = async (id: string, hours: number, source = 'monitor') => {
    await environment.pool.query(
      "update alert_sightings set last_seen_at = last_seen_at - $2 * interval '1 hour' where alert_key = $1",
      [`${source}:${id}`, hours],
    );
  };
  const closed = (id: string) => closeTicket(tickets(id)[0]?.id);
  const closeTicket = (id: number | undefined) =>
    environment.pool.query("update filings set ticket_status = 'closed' where ticket_id = $1", [id]);
  // This process has recorded it as seen within the last minute.
  const fireAgain = async (id: string) => {
    await environment.process().fire(id);
    await environment.settled();
  };

  it('is a new episode with a ticket and a message if a person closed its ticket', async () => {
    await one.fire('forgotten');
    await environment.settled();
    await closed('forgotten');
    await silentFor('forgotten', 72);
    await fireAgain('forgotten');
    expect([tickets('forgotten').length, openings('forgotten').length]).toEqual([2, 2]);
  });

  it('is a new episode although the transaction that delivers its first emission failed', async () => {
    await one.fire('retried');
    await environment.settled();
    await closed('retried');
    await silentFor('retried', 72);
    const other = environment.process();
    const at = new Date().toISOString();
    const emission = {
      alert_id: 'retried',
      severity: 'P1',
      status: 'firing',
      title: 'Trouble with retried',
      at,
    } as const;
    const failing = () => Promise.reject(new Error('not committed'));
    await expect(other.aggregator.ingest('monitor', [emission], failing)).rejects.toThrow('not committed');
    // By then the time of the sender is stored, which decides the order of what it says.
    const { rows } = await environment.pool.query(
      "select sent_at from alert_sightings where alert_key = 'monitor:retried'",
    );
    expect(rows).toEqual([{ sent_at: new Date(at) }]);
    await other.fire('retried');
    await environment.settled();
    expect([tickets('retried').length, openings('retried').length]).toEqual([2, 2]);
  });

  it('goes on if it is only sent news that opens no episode', async () => {
    await one.fire('changed');
    await environment.settled();
    await closed('changed');
    await silentFor('changed', 72);
    const news = {
      alert_id: 'changed',
      severity: 'P1',
      status: 'firing',
      title: 'Changed',
      only_if_active: true,
    } as const;
    await environment.process().aggregator.ingest('monitor', [news]);
    await environment.settled();
    const { rows } = await environment.pool.query(
      "select snapshot#>'{context,active}' as active, snapshot#>>'{context,title}' as title from actors where id = 'alert:monitor:changed'",
    );
    expect(rows).toEqual([{ active: true, title: 'Changed' }]);
  });

  it('is one new episode although two processes find its sender silent at the same moment', async () => {
    await one.fire('twice');
    await environment.settled();
    await closed('twice');
    await silentFor('twice', 72);
    const find = async () => {
      const lastSeen = createLastSeen(environment.pool);
      const { silent } = await lastSeen.recordSeen([{ alertKey: 'monitor:twice' }], 3_600);
      return expiredEpisodes(environment.pool, silent);
    };
    const found = [...(await find()), ...(await find())];
    await fireAgain('twice');
    expect((await one.deliver(found)).map(({ applied }) => applied)).toEqual(['duplicate', 'duplicate']);
    await fireAgain('twice');
    expect(tickets('twice')).toHaveLength(2);
  });

  it('is a new episode with a ticket if a person closed the umbrella ticket that named it', async () => {
    const emit = async ({ aggregator }: typeof one, id: string) => {
      const alert = { alert_id: id, severity: 'P1', status: 'firing', title: `Trouble with ${id}` } as const;
      await aggregator.ingest('stormy', [alert]);
      await environment.settled();
    };
    const two = environment.process();
    await emit(two, 'first');
    await emit(two, 'named');
    const umbrella = environment.tickets().find(({ subject }) => subject.includes('STORM'));
    expect([tickets('named'), umbrella]).toEqual([[], expect.anything()]);
    await closeTicket(umbrella?.id);
    await silentFor('named', 72, 'stormy');
    await environment.pool.query(
      "update filings set admitted_at = admitted_at - interval '1 hour' where source = 'stormy'",
    );
    await emit(environment.process(), 'named');
    expect(tickets('named')).toHaveLength(1);
  });

  it.each([
    ['is the same episode if its ticket is open', 'still-open', false, 72],
    ['is the same episode if its sender was silent for a short time', 'short-silence', true, 0.5],
  ])('%s', async (_what, id, isClosed, hours) => {
    await one.fire(id);
    await environment.settled();
    if (isClosed) await closed(id);
    await silentFor(id, hours);
    await fireAgain(id);
    expect(tickets(id)).toHaveLength(1);
  });
});

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startEnvironment } from '../support/environment.ts';
import { eventually } from '../support/eventually.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  environment = await startEnvironment();
});
afterAll(() => environment.close());

const begin = () => {
  const started = environment.process();
  onTestFinished(() => started.stop());
  return started;
};

/** Counts tickets, audit rows and opening messages that contain the key of the alert. */
async function made(alertKey: string) {
  const naming = (text: string) => text.includes(alertKey);
  const audited = await environment.audit('console.alerts.ticket_filed');
  return {
    tickets: environment.tickets().filter(({ threads }) => naming(threads[0]?.body ?? '')).length,
    audited: audited.filter(({ payload }) => payload.alert_key === alertKey).length,
    messages: environment.openings().filter(({ blocks, text }) => naming(`${text} ${JSON.stringify(blocks)}`)).length,
  };
}

describe('one alert key', () => {
  it('emitted a hundred times at once by three processes leads to one ticket, one audit row and one message', async () => {
    const processes = [begin(), begin(), begin()];
    const answers = await Promise.all(Array.from({ length: 99 }, (_, n) => processes[n % 3]?.fire('many')));
    expect(answers.map((each) => each?.alerts[0]?.state)).toEqual(Array(99).fill('firing'));
    await environment.settled();
    expect(await made('monitor:many')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('emitted repeatedly through restarts leads to one ticket', async () => {
    for (let n = 0; n < 4; n++) {
      const before = begin();
      await before.fire('long');
      if (n % 2) await environment.settled();
      await before.stop();
      await begin().fire('long');
    }
    // A call that a stop cut off is looked for before it is made again.
    await eventually(async () => expect(await made('monitor:long')).toEqual({ tickets: 1, audited: 1, messages: 1 }));
    await environment.settled();
    expect(await made('monitor:long')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('repeated ten thousand times writes no row', async () => {
    const one = begin();
    await one.fire('steady');
    await environment.settled();
    const trace = async () =>
      (
        await environment.pool.query(
          "select a.xmin::text, a.rev, (select count(*) from actor_history where actor_id = a.id) as n from actors a where id = 'alert:monitor:steady'",
        )
      ).rows;
    const before = await trace();
    const emission = { alert_id: 'steady', severity: 'P1', status: 'firing', title: 'Trouble with steady' } as const;
    for (let n = 0; n < 20; n++) await one.aggregator.ingest('monitor', Array(500).fill(emission));
    expect(await trace()).toEqual(before);
    expect(await made('monitor:steady')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('sets exactly two tags on its ticket and keeps those that people add', async () => {
    const one = begin();
    await one.fire('tags');
    await environment.settled();
    const ticket = environment.tickets().find(({ subject }) => subject.includes('Trouble with tags'));
    expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
    environment.desk.control.act(ticket?.id ?? 0, 'add-tag', { tag: 'by hand' });
    await one.fire('tags', { title: 'other words' });
    await environment.settled();
    expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor', 'by hand']);
  });

  it('is audited with exactly the fields that the runbooks read', async () => {
    const one = begin();
    await one.fire('audited');
    await environment.settled();
    const rows = await environment.audit('console.alerts.ticket_filed');
    const ticket = environment.tickets().find(({ subject }) => subject.includes('Trouble with audited'));
    expect(rows.find(({ payload }) => payload.alert_key === 'monitor:audited')).toEqual({
      payload: {
        alert_key: 'monitor:audited',
        severity: 'P1',
        ticket_id: ticket?.id,
        ticket_url: `${environment.desk.url}/conversation/${ticket?.id}`,
      },
      actor: 'monitor',
    });
  });
});

describe('the first sixteen characters', () => {
  it('identify an alert only within its source', async () => {
    const one = begin();
    await one.fire('shared');
    await one.aggregator.ingest('other', [
      { alert_id: 'shared', severity: 'P2', status: 'firing', title: 'Other trouble' },
    ]);
    await environment.settled();
    expect(await made('monitor:shared')).toMatchObject({ tickets: 1, audited: 1 });
    expect(await made('other:shared')).toMatchObject({ tickets: 1, audited: 1 });
  });
});

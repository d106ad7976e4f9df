import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
beforeAll(async () => {
  house = await startEnvironment();
});
afterAll(() => house.close());

const begin = () => {
  const started = house.process();
  onTestFinished(() => started.stop());
  return started;
};

/** What stands for one alert: tickets, audit rows and opening messages that name its key. */
async function made(alertKey: string) {
  const naming = (text: string) => text.includes(alertKey);
  const audited = await house.audit('console.alerts.ticket_filed');
  return {
    tickets: house.tickets().filter(({ threads }) => naming(threads[0]?.body ?? '')).length,
    audited: audited.filter(({ payload }) => payload.alert_key === alertKey).length,
    messages: house.openings().filter(({ blocks, text }) => naming(`${text} ${JSON.stringify(blocks)}`)).length,
  };
}

describe('one alert key', () => {
  it('emitted a hundred times at once by three processes is one ticket, one audit row and one message', async () => {
    const processes = [begin(), begin(), begin()];
    const answers = await Promise.all(Array.from({ length: 99 }, (_, n) => processes[n % 3]?.fire('many')));
    expect(answers.map((each) => each?.alerts[0]?.state)).toEqual(Array(99).fill('firing'));
    await house.settled();
    expect(await made('monitor:many')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('emitted on and on through restarts stays that one ticket', async () => {
    for (let n = 0; n < 4; n++) {
      const before = begin();
      await before.fire('long');
      if (n % 2) await house.settled();
      await before.stop();
      await begin().fire('long');
    }
    await house.settled();
    expect(await made('monitor:long')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('repeated ten thousand times writes not one row', async () => {
    const one = begin();
    await one.fire('steady');
    await house.settled();
    const trace = async () =>
      (
        await house.pool.query(
          "select a.xmin::text, a.rev, (select count(*) from actor_history where actor_id = a.id) as n from actors a where id = 'alert:monitor:steady'",
        )
      ).rows;
    const before = await trace();
    const emission = { alert_id: 'steady', severity: 'P1', status: 'firing', title: 'Trouble with steady' } as const;
    for (let n = 0; n < 20; n++) await one.aggregator.ingest('monitor', Array(500).fill(emission));
    expect(await trace()).toEqual(before);
    expect(await made('monitor:steady')).toEqual({ tickets: 1, audited: 1, messages: 1 });
  });

  it('carries exactly the two tags, and those that people add are kept', async () => {
    const one = begin();
    await one.fire('tags');
    await house.settled();
    const ticket = house.tickets().find(({ subject }) => subject.includes('Trouble with tags'));
    expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor']);
    house.desk.control.act(ticket?.id ?? 0, 'add-tag', { tag: 'by hand' });
    await one.fire('tags', { title: 'other words' });
    await house.settled();
    expect(ticket?.tags.toSorted()).toEqual(['auto:alert', 'auto:alert:monitor', 'by hand']);
  });

  it('is audited with exactly what the runbooks read', async () => {
    const rows = await house.audit('console.alerts.ticket_filed');
    const ticket = house.tickets().find(({ subject }) => subject.includes('Trouble with tags'));
    expect(rows.find(({ payload }) => payload.alert_key === 'monitor:tags')).toEqual({
      payload: {
        alert_key: 'monitor:tags',
        severity: 'P1',
        ticket_id: ticket?.id,
        ticket_url: `${house.desk.url}/conversation/${ticket?.id}`,
      },
      actor: 'monitor',
    });
  });
});

describe('the first sixteen characters', () => {
  it('are the key: two sources may use the same id without meeting', async () => {
    const one = begin();
    await one.fire('shared');
    await one.aggregator.ingest('other', [
      { alert_id: 'shared', severity: 'P2', status: 'firing', title: 'Other trouble' },
    ]);
    await house.settled();
    expect(await made('monitor:shared')).toMatchObject({ tickets: 1, audited: 1 });
    expect(await made('other:shared')).toMatchObject({ tickets: 1, audited: 1 });
  });
});

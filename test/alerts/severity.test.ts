import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let house: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof house.process>;
beforeAll(async () => {
  house = await startEnvironment();
  one = house.process();
});
afterAll(() => house.close());

const tickets = (id: string) => house.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) => house.slack.state.messages.filter(({ text }) => text.includes(`Trouble with ${id}`));
const skipped = async (id: string) =>
  (await house.audit('console.alerts.ticket_skipped'))
    .map(({ payload }) => payload)
    .filter(({ alert_key }) => alert_key === `monitor:${id}`);

describe('P3', () => {
  it('is a direct message only, and why there is no ticket is audited once', async () => {
    await one.fire('minor', { severity: 'P3' });
    await one.fire('minor', { severity: 'P3' });
    await house.settled();
    expect(tickets('minor')).toEqual([]);
    expect(messages('minor')).toHaveLength(1);
    expect(await skipped('minor')).toEqual([{ alert_key: 'monitor:minor', severity: 'P3', reason: 'below_threshold' }]);
  });

  it('that rises to P1 in the same episode files then, with a second message', async () => {
    await one.fire('rising', { severity: 'P3' });
    await house.settled();
    await one.fire('rising', { severity: 'P1' });
    await one.fire('rising', { severity: 'P1' });
    await house.settled();
    expect(tickets('rising').map(({ subject }) => subject.replace(/^\[.*?\] /, ''))).toEqual([
      'P1: Trouble with rising',
    ]);
    // The first message was rewritten when it got the link of the ticket.
    expect(messages('rising').map(({ text }) => text.split('\n')[0])).toEqual([
      'P1: Trouble with rising',
      'Now P1: Trouble with rising',
    ]);
    expect(house.notes(tickets('rising')[0]?.id)).toEqual([]);
  });
});

describe.each(['P1', 'P2'] as const)('%s', (severity) => {
  it('with the flag on is a direct message and a ticket, and the message gets its link', async () => {
    const id = `serious-${severity}`;
    await one.fire(id, { severity });
    await house.settled();
    expect(tickets(id)).toHaveLength(1);
    expect(messages(id)).toHaveLength(1);
    expect(JSON.stringify(messages(id)[0]?.blocks)).toContain(`${house.desk.url}/conversation/${tickets(id)[0]?.id}`);
    expect(await skipped(id)).toEqual([]);
  });
});

describe('a severity', () => {
  it('that rises after filing is an internal note on the same ticket, and a message', async () => {
    await one.fire('worse', { severity: 'P2' });
    await house.settled();
    await one.fire('worse', { severity: 'P1' });
    await house.settled();
    expect(tickets('worse')).toHaveLength(1);
    expect(house.notes(tickets('worse')[0]?.id)).toEqual([expect.stringContaining('Now <b>P1</b>')]);
    expect(messages('worse').map(({ text }) => text.split('\n')[0])).toEqual([
      'P2: Trouble with worse',
      'Now P1: Trouble with worse',
    ]);
  });

  it('that falls again changes nothing', async () => {
    const before = messages('worse').length;
    await one.fire('worse', { severity: 'P3' });
    await one.fire('worse', { severity: 'P1' });
    await house.settled();
    expect(messages('worse')).toHaveLength(before);
    expect(house.notes(tickets('worse')[0]?.id)).toHaveLength(1);
  });

  it('that rises while the ticket is being filed is on the ticket all the same', async () => {
    house.desk.control.faults.add({
      kind: 'delay',
      method: 'POST',
      path: '/api/conversations$',
      delay_ms: 700,
      times: 1,
    });
    await one.fire('meanwhile', { severity: 'P2' });
    await one.fire('meanwhile', { severity: 'P1' });
    await house.settled();
    const [ticket] = tickets('meanwhile');
    expect(`${ticket?.subject} ${house.notes(ticket?.id).join()}`).toContain('P1');
  });
});

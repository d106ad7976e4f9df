import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnvironment } from '../support/environment.ts';

let environment: Awaited<ReturnType<typeof startEnvironment>>;
let one: ReturnType<typeof environment.process>;
beforeAll(async () => {
  environment = await startEnvironment();
  one = environment.process();
});
afterAll(() => environment.close());

const tickets = (id: string) => environment.tickets().filter(({ subject }) => subject.endsWith(`Trouble with ${id}`));
const messages = (id: string) =>
  environment.slack.state.messages.filter(({ text }) => text.includes(`Trouble with ${id}`));
const skipped = async (id: string) =>
  (await environment.audit('console.alerts.ticket_skipped'))
    .map(({ payload }) => payload)
    .filter(({ alert_key }) => alert_key === `monitor:${id}`);

describe('P3', () => {
  it('sends only a direct message, and the reason for no ticket is audited once', async () => {
    await one.fire('minor', { severity: 'P3' });
    await one.fire('minor', { severity: 'P3' });
    await environment.settled();
    expect(tickets('minor')).toEqual([]);
    expect(messages('minor')).toHaveLength(1);
    expect(await skipped('minor')).toEqual([{ alert_key: 'monitor:minor', severity: 'P3', reason: 'below_threshold' }]);
  });

  it('is filed with a second message when it rises to P1 in the same episode', async () => {
    await one.fire('rising', { severity: 'P3' });
    await environment.settled();
    await one.fire('rising', { severity: 'P1' });
    await one.fire('rising', { severity: 'P1' });
    await environment.settled();
    expect(tickets('rising').map(({ subject }) => subject.replace(/^\[.*?\] /, ''))).toEqual([
      'P1: Trouble with rising',
    ]);
    // The first message was updated with the link of the ticket.
    expect(messages('rising').map(({ text }) => text.split('\n')[0])).toEqual([
      'P1: Trouble with rising',
      'Now P1: Trouble with rising',
    ]);
    expect(environment.notes(tickets('rising')[0]?.id)).toEqual([]);
  });
});

describe.each(['P1', 'P2'] as const)('%s', (severity) => {
  it('leads to a direct message and a ticket whose link is added to the message', async () => {
    const id = `serious-${severity}`;
    await one.fire(id, { severity });
    await environment.settled();
    expect(tickets(id)).toHaveLength(1);
    expect(messages(id)).toHaveLength(1);
    expect(JSON.stringify(messages(id)[0]?.blocks)).toContain(
      `${environment.desk.url}/conversation/${tickets(id)[0]?.id}`,
    );
    expect(await skipped(id)).toEqual([]);
  });
});

describe('a severity', () => {
  it('that rises after filing adds an internal note to the ticket and sends a message', async () => {
    await one.fire('worse', { severity: 'P2' });
    await environment.settled();
    await one.fire('worse', { severity: 'P1' });
    await environment.settled();
    expect(tickets('worse')).toHaveLength(1);
    expect(environment.notes(tickets('worse')[0]?.id)).toEqual([expect.stringContaining('Now <b>P1</b>')]);
    expect(messages('worse').map(({ text }) => text.split('\n')[0])).toEqual([
      'P2: Trouble with worse',
      'Now P1: Trouble with worse',
    ]);
  });

  it('that falls again changes nothing', async () => {
    await one.fire('falls', { severity: 'P1' });
    await environment.settled();
    await one.fire('falls', { severity: 'P3' });
    await one.fire('falls', { severity: 'P1' });
    await environment.settled();
    expect(messages('falls')).toHaveLength(1);
    expect(environment.notes(tickets('falls')[0]?.id)).toEqual([]);
  });

  it('that rises while the ticket is being filed is added to the ticket', async () => {
    environment.desk.control.faults.add({
      kind: 'delay',
      method: 'POST',
      path: '/api/conversations$',
      delay_ms: 700,
      times: 1,
    });
    await one.fire('meanwhile', { severity: 'P2' });
    await one.fire('meanwhile', { severity: 'P1' });
    await environment.settled();
    const [ticket] = tickets('meanwhile');
    expect(`${ticket?.subject} ${environment.notes(ticket?.id).join()}`).toContain('P1');
  });
});

import type { Drill } from './drillDefinition.ts';
import { expectEqual, until } from './expectations.ts';
import { warnings } from './logLines.ts';

const SURFACE = 'missing-api';

/** Failure mode 2: no tickets appear, because the API key, the mailbox or the Tags module is wrong or missing. */
export const missing: Drill = {
  name: 'missing',
  surfaceIds: [SURFACE],
  async run({ freescout, services, lines, ask, tickets, ticketCount, openings, audited }, report) {
    const { switches } = freescout.control;
    const investigate = async () => (await ask('POST', `/console/status/investigate/${SURFACE}`)).body;

    switches.set('wrong_key', true);
    services.control.set(SURFACE, 'down');
    await until('a direct message', () => openings().length === 1);
    await until('a WARNING line with the status', () =>
      warnings(lines).some(({ text }) => text.includes('"http_status":401')),
    );
    report('wrong API key: the direct message is sent, and the log has a WARNING with status 401');

    const reasons: unknown[] = [(await investigate()).reason];
    // Each fault starts before the previous one ends, so that FreeScout never works in between.
    switches.set('mailbox_deleted', true);
    switches.set('wrong_key', false);
    reasons.push((await investigate()).reason);
    switches.set('tags_module', false);
    switches.set('mailbox_deleted', false);
    reasons.push((await investigate()).reason);
    expectEqual('the reasons that Investigate returns', reasons, [
      'freescout_unauthorized',
      'mailbox_not_found',
      'tags_unavailable',
    ]);
    expectEqual('tickets so far', ticketCount(), 0);
    report(`Investigate returns the reason: ${reasons.join(', ')}`);

    switches.set('tags_module', true);
    report('repaired; the waiting filing is retried within 30 s …');
    await until(
      'a ticket for the alert that is still active',
      () => tickets('auto:alert', 'auto:alert:status_poller').length > 0,
    );
    expectEqual('tickets after the repair', ticketCount(), 1);
    await until('an audit row for that ticket', async () => (await audited('console.alerts.ticket_filed')) > 0);
    expectEqual('audit rows', await audited('console.alerts.ticket_filed'), 1);
    expectEqual('tickets for the clicks that failed', tickets('auto:status').length, 0);
    report('after the repair: one ticket for the active alert, none for the clicks that failed');
  },
};

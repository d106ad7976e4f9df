import type { Drill } from './drillDefinition.ts';
import { mustBe, until } from './expectations.ts';
import { warnings } from './logLines.ts';

const SURFACE = 'missing-api';

/** Failure mode 2: no tickets appear, because the key, the mailbox or the Tags module is not as it should be. */
export const missing: Drill = {
  name: 'missing',
  surfaceIds: [SURFACE],
  async run({ freescout, services, lines, ask, tickets, ticketCount, openings, audited }, say) {
    const { switches } = freescout.control;
    const investigate = async () => (await ask('POST', `/console/status/investigate/${SURFACE}`)).body;

    switches.set('wrong_key', true);
    services.control.set(SURFACE, 'down');
    await until('the direct message', () => openings().length === 1);
    await until('a WARNING line with the status', () =>
      warnings(lines).some(({ text }) => text.includes('"http_status":401')),
    );
    say('wrong key: the direct message goes out, and the log says WARNING with status 401');

    const reasons: unknown[] = [(await investigate()).reason];
    // The next fault comes before the last one goes: FreeScout is never well in between.
    switches.set('mailbox_deleted', true);
    switches.set('wrong_key', false);
    reasons.push((await investigate()).reason);
    switches.set('tags_module', false);
    switches.set('mailbox_deleted', false);
    reasons.push((await investigate()).reason);
    mustBe('the reasons that Investigate gives', reasons, [
      'freescout_unauthorized',
      'mailbox_not_found',
      'tags_unavailable',
    ]);
    mustBe('tickets so far', ticketCount(), 0);
    say(`Investigate says what is wrong: ${reasons.join(', ')}`);

    switches.set('tags_module', true);
    say('repaired; the waiting alert is tried again within 30 s …');
    await until(
      'a ticket for the alert that is still active',
      () => tickets('auto:alert', 'auto:alert:status_poller').length > 0,
    );
    mustBe('tickets after the repair', ticketCount(), 1);
    await until('its audit row', async () => (await audited('console.alerts.ticket_filed')) > 0);
    mustBe('audit rows', await audited('console.alerts.ticket_filed'), 1);
    mustBe('tickets for the clicks that had failed', tickets('auto:status').length, 0);
    say('after the repair: one ticket for the active alert, none behind the back of whoever clicked');
  },
};

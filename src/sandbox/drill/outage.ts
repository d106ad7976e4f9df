import type { Drill } from './drillDefinition.ts';
import { mustBe, until } from './expectations.ts';
import { warnings } from './logLines.ts';

const LASTING = 'outage-api';
const PASSING = 'outage-web';

/** Failure mode 4: FreeScout is down, slow, or loses its answers. */
export const outage: Drill = {
  name: 'outage',
  surfaceIds: [LASTING, PASSING],
  async run(environment, say) {
    const { freescout, services, lines, ask, tickets, ticketCount, openings, audited, moreChecks } = environment;
    const { faults } = freescout.control;
    const investigate = async () => (await ask('POST', `/console/status/investigate/${LASTING}`)).body;
    const resolved = async () => {
      const { rows } = (await ask('GET', '/console/alerts?state=resolved')).body;
      return Array.isArray(rows) && rows.length === 1;
    };

    faults.add({ kind: 'status', status: 503 });
    services.control.set(LASTING, 'down');
    services.control.set(PASSING, 'down');
    await until('both direct messages', () => openings().length === 2);
    await until('a WARNING line with the status', () =>
      warnings(lines).some(({ text }) => text.includes('"http_status":503')),
    );
    const down = await investigate();
    mustBe('Investigate while it is down', [down.degraded, down.reason], [true, 'freescout_unavailable']);
    say('down: Investigate answers degraded, the log says WARNING, both direct messages go out');

    faults.clear();
    faults.add({ kind: 'hang' });
    mustBe('Investigate while it hangs', (await investigate()).degraded, true);
    say('hanging: Investigate answers degraded, in time');

    services.control.set(PASSING, 'healthy');
    await until('one alert resolves during the outage', resolved);
    mustBe('tickets during the outage', ticketCount(), 0);

    // FreeScout is back, but the answer to its first new ticket gets lost.
    faults.add({ kind: 'reset', when: 'after', method: 'POST', path: '^/api/conversations$', times: 1 });
    for (const { id, kind } of faults.list()) if (kind === 'hang') faults.remove(id);
    const back = await investigate();
    mustBe('Investigate when it is back', [back.degraded, back.idempotent], [false, false]);
    await until(
      'a ticket for the alert that is still active',
      () => tickets('auto:alert', 'auto:alert:status_poller').length > 0,
    );
    await moreChecks(LASTING, 3);
    mustBe('tickets of the click', tickets('auto:status', `auto:status:${LASTING}`).length, 1);
    mustBe('tickets of alerts', tickets('auto:alert').length, 1);
    mustBe('tickets in all', ticketCount(), 2);
    await until('its audit row', async () => (await audited('console.alerts.ticket_filed')) > 0);
    mustBe('audit rows of alerts', await audited('console.alerts.ticket_filed'), 1);
    say(
      'back, with an answer lost: one ticket for the click, one for the active alert, none for the one that resolved',
    );
  },
};

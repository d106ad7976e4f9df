import type { Drill } from './drillDefinition.ts';
import { expectEqual, until } from './expectations.ts';
import { warnings } from './logLines.ts';

const LASTING = 'outage-api';
const PASSING = 'outage-web';

/** Failure mode 4: FreeScout is down, slow, or its responses are lost. */
export const outage: Drill = {
  name: 'outage',
  surfaceIds: [LASTING, PASSING],
  async run(environment, report) {
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
    expectEqual('Investigate while it is down', [down.degraded, down.reason], [true, 'freescout_unavailable']);
    report('down: Investigate returns degraded, the log has a WARNING, both direct messages are sent');

    faults.clear();
    faults.add({ kind: 'hang' });
    expectEqual('Investigate while it hangs', (await investigate()).degraded, true);
    report('hanging: Investigate returns degraded within its time limit');

    services.control.set(PASSING, 'healthy');
    await until('one alert resolves during the outage', resolved);
    expectEqual('tickets during the outage', ticketCount(), 0);

    // FreeScout is back, but the response to the first new ticket is lost.
    faults.add({ kind: 'reset', when: 'after', method: 'POST', path: '^/api/conversations$', times: 1 });
    for (const { id, kind } of faults.list()) if (kind === 'hang') faults.remove(id);
    const back = await investigate();
    expectEqual('Investigate when it is back', [back.degraded, back.idempotent], [false, false]);
    await until(
      'a ticket for the alert that is still active',
      () => tickets('auto:alert', 'auto:alert:status_poller').length > 0,
    );
    await moreChecks(LASTING, 3);
    expectEqual('tickets of the click', tickets('auto:status', `auto:status:${LASTING}`).length, 1);
    expectEqual('tickets of alerts', tickets('auto:alert').length, 1);
    expectEqual('tickets in total', ticketCount(), 2);
    await until('an audit row for that ticket', async () => (await audited('console.alerts.ticket_filed')) > 0);
    expectEqual('audit rows of alerts', await audited('console.alerts.ticket_filed'), 1);
    report(
      'back, with one response lost: one ticket for the click, one for the active alert, none for the alert that resolved',
    );
  },
};

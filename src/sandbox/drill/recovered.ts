import type { Drill } from './drillDefinition.ts';
import { mustBe, until } from './expectations.ts';

const SURFACE = 'recovered-api';

/** Failure mode 3: the surface has recovered, its ticket is still open. */
export const recovered: Drill = {
  name: 'recovered',
  surfaceIds: [SURFACE],
  settings: { FLAG_CONSOLE_ALERTS_AUTO_TICKET: '0' },
  async run({ freescout, services, ask, tickets }, say) {
    const tags = ['auto:status', `auto:status:${SURFACE}`];
    const investigate = async () => (await ask('POST', `/console/status/investigate/${SURFACE}`)).body;
    const board = async () => (await ask('GET', '/console/status')).body;
    const status = async () => (await board()).surfaces as { status: string; recovered_ticket_open: boolean }[];
    const becomes = (wanted: string) =>
      until(`the tile says ${wanted}`, async () => (await status())[0]?.status === wanted);

    services.control.set(SURFACE, 'down');
    await becomes('DOWN');
    const first = await investigate();
    mustBe('the first click files', [first.degraded, first.idempotent], [false, false]);
    const second = await investigate();
    mustBe('the second click finds that ticket', [second.ticket_id, second.idempotent], [first.ticket_id, true]);
    const id = Number(first.ticket_id);
    const ticket = freescout.state.tickets.find((each) => each.id === id);
    say(`two clicks on Investigate: one ticket, number ${id}`);

    services.control.set(SURFACE, 'healthy');
    await becomes('OPERATIONAL');
    await until('a note about the recovery', () =>
      ticket?.threads.some(({ type, body }) => type === 'note' && body.includes('operational again')),
    );
    mustBe('the ticket after the recovery', ticket?.status, 'active');
    mustBe('notes about one recovery', ticket?.threads.filter(({ type }) => type === 'note').length, 1);
    await until('the console shows it', async () => (await board()).recovered_with_open_ticket === 1);
    mustBe('the tile shows it too', (await status())[0]?.recovered_ticket_open, true);
    say('recovered: the ticket stays open, has a note, and the console counts it');

    freescout.control.act(id, 'status', { status: 'closed' });
    await until('the console no longer counts it', async () => (await board()).recovered_with_open_ticket === 0);
    services.control.set(SURFACE, 'down');
    await becomes('DOWN');
    const third = await investigate();
    mustBe('a click after the ticket was closed files anew', [third.degraded, third.idempotent], [false, false]);
    await until('both tickets are tagged', () => tickets(...tags).length === 2);
    say('closed by hand, degraded again: a fresh ticket');
  },
};

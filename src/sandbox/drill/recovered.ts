import type { Drill } from './drillDefinition.ts';
import { expectEqual, until } from './expectations.ts';

const SURFACE = 'recovered-api';

/** Failure mode 3: the surface has recovered, its ticket is still open. */
export const recovered: Drill = {
  name: 'recovered',
  surfaceIds: [SURFACE],
  settings: { FLAG_CONSOLE_ALERTS_AUTO_TICKET: '0' },
  async run({ freescout, services, ask, tickets }, report) {
    const tags = ['auto:status', `auto:status:${SURFACE}`];
    const investigate = async () => (await ask('POST', `/console/status/investigate/${SURFACE}`)).body;
    const grid = async () => (await ask('GET', '/console/status')).body;
    // Empty if the grid was not read in time, on a busy machine.
    const status = async () => ((await grid()).surfaces ?? []) as { status: string; recovered_ticket_open: boolean }[];
    const becomes = (wanted: string) =>
      until(`the tile shows ${wanted}`, async () => (await status())[0]?.status === wanted);

    services.control.set(SURFACE, 'down');
    await becomes('DOWN');
    const first = await investigate();
    expectEqual('the first click files a ticket', [first.degraded, first.idempotent], [false, false]);
    const second = await investigate();
    expectEqual('the second click returns that ticket', [second.ticket_id, second.idempotent], [first.ticket_id, true]);
    const id = Number(first.ticket_id);
    const ticket = freescout.state.tickets.find((each) => each.id === id);
    report(`two clicks on Investigate: one ticket, number ${id}`);

    services.control.set(SURFACE, 'healthy');
    await becomes('OPERATIONAL');
    await until('a note about the recovery', () =>
      ticket?.threads.some(({ type, body }) => type === 'note' && body.includes('operational again')),
    );
    expectEqual('the ticket after the recovery', ticket?.status, 'active');
    expectEqual('notes about one recovery', ticket?.threads.filter(({ type }) => type === 'note').length, 1);
    await until('the console counts the open ticket', async () => (await grid()).recovered_with_open_ticket === 1);
    await until('the tile shows the open ticket', async () => (await status())[0]?.recovered_ticket_open === true);
    report('recovered: the ticket stays open and has a note, and the console counts it');

    freescout.control.act(id, 'status', { status: 'closed' });
    await until('the console no longer counts the ticket', async () => (await grid()).recovered_with_open_ticket === 0);
    services.control.set(SURFACE, 'down');
    await becomes('DOWN');
    const third = await investigate();
    expectEqual(
      'a click after the ticket was closed files a new one',
      [third.degraded, third.idempotent],
      [false, false],
    );
    await until('both tickets are tagged', () => tickets(...tags).length === 2);
    report('closed by hand, degraded again: a new ticket');
  },
};

import { describe, expect, it } from 'vitest';
import type { StatusGrid, Tile } from '../../src/model/surfaces.ts';
import * as samples from './samples.ts';
import { errorOf, PAGE, start } from './support.ts';

const SURFACES: Tile[] = [
  samples.tile('web-2', { name: 'Web 2', group: 'Shop' }),
  samples.tile('web-10', { name: 'Web 10', group: 'Shop', status: 'DEGRADED' }),
  samples.tile('db', { name: 'Database', group: 'Core', status: 'DOWN' }),
  samples.tile('mail', { name: 'Mail', group: null, status: 'UNKNOWN', was: 'OPERATIONAL' }),
  samples.tile('auth', {
    name: 'Sign-in',
    group: 'Core',
    recovered_ticket_open: true,
    recovered_ticket: samples.ticket(7),
    earlier_tickets: [samples.ticket(7)],
  }),
  samples.tile('disks', { name: 'Disks', group: 'Core', status: 'MAINTENANCE' }),
];

const app = (surfaces = SURFACES) => start({ services: { statusGrid: async () => samples.board(surfaces) } });

async function page(query: string, surfaces?: Tile[]): Promise<string> {
  return (await (await app(surfaces)).get(`/console/status?${query}`, PAGE)).text();
}

const tilesIn = (html: string) => [...html.matchAll(/<li class="tile[^>]*id="tile-([\w-]+)"/g)].map(([, id]) => id);

describe('the order of the grid', () => {
  it('the grid shows the worst surfaces first and then the groups in the order of the surfaces file', async () => {
    expect(tilesIn(await page(''))).toEqual(['db', 'web-10', 'mail', 'web-2', 'auth', 'disks']);
  });

  it('sorted by name the grid keeps every surface in its group and sorts numbers naturally', async () => {
    expect(tilesIn(await page('sort=name'))).toEqual(['web-2', 'web-10', 'db', 'disks', 'auth', 'mail']);
  });
});

describe('the filter of the grid', () => {
  it.each([
    ['status=DEGRADED', ['web-10']],
    ['group=Core', ['db', 'auth', 'disks']],
    ['q=WEB', ['web-10', 'web-2']],
    ['q=web-10', ['web-10']],
    ['problems=1', ['db', 'web-10', 'mail']],
    ['problems=1&group=Shop', ['web-10']],
    ['status=&group=&q=&sort=', ['db', 'web-10', 'mail', 'web-2', 'auth', 'disks']],
  ])('the filter %s selects the same surfaces on the page and in JSON', async (query, ids) => {
    expect(tilesIn(await page(query))).toEqual(ids);
    const body = (await (await (await app()).get(`/console/status?${query}`)).json()) as StatusGrid;
    expect(body.surfaces.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(body.counts.DOWN).toBe(1);
  });

  it('the form shows the current filter', async () => {
    const html = await page('status=DOWN&group=Core&q=d&problems=1&sort=name');
    expect(html).toMatch(/<option value="DOWN" selected/);
    expect(html).toMatch(/<option value="Core" selected/);
    expect(html).toMatch(/<input type="search" name="q" value="d"/);
    expect(html).toMatch(/<option value="name" selected/);
    expect(html).toMatch(/name="problems" value="1" checked/);
  });

  it('recovered surfaces with an open ticket are listed even if only problems are shown', async () => {
    expect(await page('problems=1')).toContain('Recovered, ticket still open <span class="count">1</span>');
  });

  it.each(['status=BROKEN', 'sort=age', 'problems=yes', 'tiles=UPPER', 'as_of=yesterday'])(
    'the invalid filter %s is refused with the name of its field',
    async (query) => {
      const response = await (await app()).get(`/console/status?${query}`);
      expect([response.status, (await errorOf(response)).field?.split('.')[0]]).toEqual([400, query.split('=')[0]]);
    },
  );

  it('an empty grid says that nothing needs attention, or offers to show all surfaces', async () => {
    expect(await page('problems=1', [samples.tile('web')])).toMatch(
      /Nothing needs attention.*1<!-- -->? ?surface is|Nothing needs attention/,
    );
    expect(await page('q=nowhere')).toContain('Show all 6');
  });
});

describe('the tile of a surface', () => {
  it('a tile shows the status, assignee and last reply of its ticket', async () => {
    const mine = samples.ticket(9, 30, { assignee: 'Sam Support', status: 'pending', last_reply_at: samples.at(4) });
    const html = await page('', [samples.tile('web', { status: 'DOWN', ticket: mine })]);
    const text = html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
    expect(text).toMatch(/Ticket #9 pending Assigned to Sam Support · last reply 4 min ago/);
    const unassigned = await page('', [samples.tile('web', { status: 'DOWN', ticket: samples.ticket(9) })]);
    expect(unassigned).toContain('<strong>Unassigned</strong>');
  });

  it('a tile says why this outage has no ticket, and marks the open tickets of earlier ones', async () => {
    const earlier_tickets = [9, 8, 7, 6, 5].map((id) => samples.ticket(id));
    const tile = samples.tile('web', { status: 'DOWN', no_ticket_reason: 'freescout_unavailable', earlier_tickets });
    const text = (await page('', [tile])).replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
    expect(text).toContain('No ticket. FreeScout is unavailable; will retry.');
    expect(text).toContain('earlier: Ticket #9, Ticket #8, Ticket #7 and 2 more');
  });

  it('the panel of recovered surfaces lists all their open tickets, and the umbrella ticket of a storm once', async () => {
    const umbrella = samples.ticket(50, 30, { shared_with: 7 });
    const surfaces = Array.from({ length: 7 }, (_, n) =>
      samples.tile(`s${n}`, {
        name: `Service ${n}`,
        recovered_ticket_open: true,
        earlier_tickets: n === 0 ? [samples.ticket(8), samples.ticket(7), umbrella] : [umbrella],
      }),
    );
    const html = await page('', surfaces);
    const panel = html.slice(html.indexOf('id="recovered"'), html.indexOf('id="fleet"'));
    expect(panel).toContain('Recovered, ticket still open <span class="count">3</span>');
    expect([...panel.matchAll(/Ticket #(?:<!-- -->)?(\d+)/g)].map(([, id]) => id)).toEqual(['8', '7', '50']);
    const text = panel.replace(/<[^>]+>/g, '');
    expect(text).toContain('recovered: Service 0, Service 1, Service 2, Service 3, Service 4 and 2 more');
    expect(html.replace(/<[^>]+>/g, '')).toContain(
      'No problems now: 7 surfaces are operational. 3 tickets are still open.',
    );
  });

  it('a tile shows when its ticket was last checked in FreeScout if that is long ago', async () => {
    const old = samples.ticket(9, 30, { looked_at: samples.at(20) });
    expect(await page('', [samples.tile('web', { ticket: old })])).toMatch(
      /last checked in FreeScout <time[^>]*>20 min ago/,
    );
    expect(await page('', [samples.tile('web', { ticket: samples.ticket(9) })])).not.toContain(
      'last checked in FreeScout',
    );
  });

  it('a tile of a surface whose checks have stopped shows the last check and the status at that time', async () => {
    const stale = {
      status: 'UNKNOWN',
      was: 'OPERATIONAL',
      last_check: { at: samples.at(9), latency_ms: 80, error: null },
    };
    const html = await page('', [samples.tile('web', stale as Partial<Tile>)]);
    expect(html.replace(/<[^>]+>/g, '')).toContain('last check 9 min ago, status then: OPERATIONAL');
  });

  it('the charts of a tile have text alternatives', async () => {
    const letters = `${'-'.repeat(86)}odso`;
    const html = await page('', [
      samples.tile('web', { days: { letters, uptime: 99.5, known: 4 }, recent: [100, null, 300] }),
    ]);
    const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
    expect(html).toMatch(
      new RegExp(
        `aria-label="Last 90 days: up 99.5 %. Down on 1 day, last on [\\d-]+. Degraded on 1 day, last on ${yesterday}.`,
      ),
    );
    expect(html).toContain('aria-label="Latency of the last 3 checks: 100 ms to 300 ms; 1 got no response."');
  });
});

describe('an open status page', () => {
  it('an open page gets the requested tiles in full and markers for the others', async () => {
    const fragment = await page('tiles=db');
    expect(tilesIn(fragment)).toEqual(['db']);
    expect(fragment).toMatch(/<li id="tile-web-10" data-same/);
    // No surface of the group Shop changed, so its whole list is marked as unchanged.
    expect(fragment).toMatch(/<ul id="list-group-0" class="tiles calm" data-same[^>]*><\/ul>/);
    expect(fragment).toMatch(/<li id="tile-auth" data-same/);
  });

  it('the as_of parameter is passed on to the grid', async () => {
    const asked: (string | undefined)[] = [];
    const running = await start({
      services: {
        async statusGrid(asOf) {
          asked.push(asOf);
          return samples.board(SURFACES);
        },
      },
    });
    await running.get('/console/status?tiles=db&as_of=2026-05-05T12:00:00.000Z', PAGE);
    await running.get('/console/status', PAGE);
    expect(asked).toEqual(['2026-05-05T12:00:00.000Z', undefined]);
  });
});

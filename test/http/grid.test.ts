import { describe, expect, it } from 'vitest';
import type { StatusGrid, Tile } from '../../src/model/surfaces.ts';
import * as samples from './samples.ts';
import { errorOf, PAGE, start } from './support.ts';

/** What a reader sees of the grid: what they asked for in the address, and what a live page is sent of it. */

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
    ticket: samples.ticket(7),
  }),
  samples.tile('disks', { name: 'Disks', group: 'Core', status: 'MAINTENANCE' }),
];

const app = (surfaces = SURFACES) => start({ services: { board: async () => samples.board(surfaces) } });

async function page(query: string, surfaces?: Tile[]): Promise<string> {
  return (await (await app(surfaces)).get(`/console/status?${query}`, PAGE)).text();
}

const tilesIn = (html: string) => [...html.matchAll(/<li class="tile[^>]*id="tile-([\w-]+)"/g)].map(([, id]) => id);

describe('the order of the grid', () => {
  it('is the worst first, whatever its group, and then the groups as the file has them', async () => {
    expect(tilesIn(await page(''))).toEqual(['db', 'web-10', 'mail', 'web-2', 'auth', 'disks']);
  });

  it('by name keeps every surface in its group, as people count', async () => {
    expect(tilesIn(await page('sort=name'))).toEqual(['web-2', 'web-10', 'db', 'disks', 'auth', 'mail']);
  });
});

describe('what is shown of the grid', () => {
  it.each([
    ['status=DEGRADED', ['web-10']],
    ['group=Core', ['db', 'auth', 'disks']],
    ['q=WEB', ['web-10', 'web-2']],
    ['q=web-10', ['web-10']],
    ['problems=1', ['db', 'web-10', 'mail']],
    ['problems=1&group=Shop', ['web-10']],
    ['status=&group=&q=&sort=', ['db', 'web-10', 'mail', 'web-2', 'auth', 'disks']],
  ])('fits %s, in the page and in JSON', async (query, ids) => {
    expect(tilesIn(await page(query))).toEqual(ids);
    const body = (await (await (await app()).get(`/console/status?${query}`)).json()) as StatusGrid;
    expect(body.surfaces.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(body.counts.DOWN).toBe(1);
  });

  it('stands in the form again', async () => {
    const html = await page('status=DOWN&group=Core&q=d&problems=1&sort=name');
    expect(html).toMatch(/<option value="DOWN" selected/);
    expect(html).toMatch(/<option value="Core" selected/);
    expect(html).toMatch(/<input type="search" name="q" value="d"/);
    expect(html).toMatch(/<option value="name" selected/);
    expect(html).toMatch(/name="problems" value="1" checked/);
  });

  it('names what is recovered with an open ticket even among problems only', async () => {
    expect(await page('problems=1')).toContain('Recovered, ticket still open <span class="count">1</span>');
  });

  it.each(['status=BROKEN', 'sort=age', 'problems=yes', 'tiles=UPPER', 'as_of=yesterday'])(
    'is refused where %s cannot be meant, and the field is named',
    async (query) => {
      const response = await (await app()).get(`/console/status?${query}`);
      expect([response.status, (await errorOf(response)).field?.split('.')[0]]).toEqual([400, query.split('=')[0]]);
    },
  );

  it('helps where nothing fits: all is well, or the filter is too narrow', async () => {
    expect(await page('problems=1', [samples.tile('web')])).toMatch(
      /Nothing needs attention.*1<!-- -->? ?surface is|Nothing needs attention/,
    );
    expect(await page('q=nowhere')).toContain('Show all 6');
  });
});

describe('what a tile says', () => {
  it('of its ticket: how it stands, who has it, and the last word', async () => {
    const mine = samples.ticket(9, 30, { assignee: 'Sam Support', status: 'pending', last_reply_at: samples.at(4) });
    const html = await page('', [samples.tile('web', { status: 'DOWN', ticket: mine })]);
    const text = html.replace(/<[^>]+>/g, '').replace(/\s+/g, ' ');
    expect(text).toMatch(/Ticket #9 pending Sam Support has it · last reply 4 min ago/);
    const nobody = await page('', [samples.tile('web', { status: 'DOWN', ticket: samples.ticket(9) })]);
    expect(nobody).toContain('nobody has it');
  });

  it('of what it heard from FreeScout long ago: when that was', async () => {
    const old = samples.ticket(9, 30, { looked_at: samples.at(20) });
    expect(await page('', [samples.tile('web', { ticket: old })])).toMatch(/FreeScout last read <time[^>]*>20 min ago/);
    expect(await page('', [samples.tile('web', { ticket: samples.ticket(9) })])).not.toContain('FreeScout last read');
  });

  it('where checks stopped coming: when the last one was and what it was then', async () => {
    const stale = {
      status: 'UNKNOWN',
      was: 'OPERATIONAL',
      last_check: { at: samples.at(9), latency_ms: 80, error: null },
    };
    const html = await page('', [samples.tile('web', stale as Partial<Tile>)]);
    expect(html.replace(/<[^>]+>/g, '')).toContain('last check 9 min ago, it was OPERATIONAL then');
  });

  it('of its past in words as well', async () => {
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
    expect(html).toContain('aria-label="Latency of the last 3 checks: 100 ms to 300 ms; 1 got no answer."');
  });
});

describe('a page that is shown already', () => {
  it('is sent the tiles it asks for, and of the others only that they are as they were', async () => {
    const fragment = await page('tiles=db');
    expect(tilesIn(fragment)).toEqual(['db']);
    expect(fragment).toMatch(/<li id="tile-web-10" data-same/);
    // Nothing of the shop changed, so that nothing of it is named.
    expect(fragment).toMatch(/<ul id="list-group-0" class="tiles calm" data-same[^>]*><\/ul>/);
    expect(fragment).toMatch(/<li id="tile-auth" data-same/);
  });

  it('may be shown the look that saw the change', async () => {
    const asked: (string | undefined)[] = [];
    const running = await start({
      services: {
        async board(asOf) {
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

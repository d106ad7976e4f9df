import { describe, expect, it } from 'vitest';
import { filed, unavailable } from './fakeServices.ts';
import * as samples from './samples.ts';
import { bearer, FORM, PAGE, type Running, SIGN_IN, start, TOKENS, visit } from './support.ts';

const text = async (response: Promise<Response>) => (await response).text();
const FRAGMENT = { ...PAGE, 'hx-request': 'true' };
const BUTTON = /<button[^>]*>Investigate/g;

describe('the status page', () => {
  it('shows what needs a person on top, the worst first, and the rest in its groups', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const tiles = [...page.matchAll(/id="tile-([\w-]+)"/g)].map(([, id]) => id);
    expect(tiles).toEqual(['api-prod', 'web-prod', 'mail', 'login', 'billing', 'search', 'api-staging', 'web-staging']);
    expect(page).toContain('<title>1 down, 1 degraded · Status · Auto-Ticketing</title>');
  });

  it('lists and counts what has recovered while its ticket is open', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    expect(page).toMatch(/Recovered, ticket still open <span class="count">1<\/span>/);
  });

  it('offers to investigate what is degraded or down, and nothing else', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const actions = [...page.matchAll(/action="\/console\/status\/investigate\/([\w-]+)"/g)].map(([, id]) => id);
    expect(actions).toEqual(['api-prod', 'web-prod']);
  });

  it('shows the open ticket before the button', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const tile = page.slice(page.indexOf('id="tile-api-prod"'), page.indexOf('id="tile-web-prod"'));
    expect(tile.indexOf('Ticket #412')).toBeGreaterThan(0);
    expect(tile.indexOf('Ticket #412')).toBeLessThan(tile.search(BUTTON));
  });

  it('shows the umbrella ticket of a storm before the button, and that others share it', async () => {
    const tile = samples.tile('cart', { status: 'DOWN', ticket: samples.ticket(500, 3, { shared_with: 979 }) });
    const app = await start({ services: { board: async () => samples.board([tile]) } });
    const page = await text(app.get('/console/status', PAGE));
    const said = page.slice(page.indexOf('id="tile-cart"')).replace(/<[^>]+>/g, '');
    expect(said).toMatch(
      /Ticket #500.*open.*umbrella of a storm, shared with 979 other alerts · nobody has it.*Investigate/s,
    );
  });

  it('says of an alert in a storm whether its ticket is still to come, or was never for it', async () => {
    const rows = (['firing', 'resolved'] as const).map((state) =>
      samples.alert(`gale:${state}`, { state, ticket: null, no_ticket_reason: 'storm' }),
    );
    const app = await start({ services: { alerts: async () => ({ rows, next_cursor: null }) } });
    const page = await text(app.get('/console/alerts', PAGE));
    expect(page).toMatch(/Joins the umbrella ticket of a storm<.*Over before the umbrella/s);
  });

  it('has no button while the flag is off', async () => {
    const app = await start({ services: { isFlagOn: async () => false } });
    expect(await text(app.get('/console/status', PAGE))).not.toMatch(BUTTON);
    expect(await text(app.get('/console/surfaces/api-prod', PAGE))).not.toMatch(BUTTON);
  });

  it('shows the banners of the house', async () => {
    const app = await start({ services: { banners: async () => ['FreeScout does not answer.'] } });
    expect(await text(app.get('/console/status', PAGE))).toContain('<li>FreeScout does not answer.</li>');
  });

  it('gives every instant in UTC, for machines too', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const instants = [...page.matchAll(/<time[^>]*datetime="([^"]+)"/g)].map(([, instant = '']) => instant);
    expect(instants.length).toBeGreaterThan(10);
    for (const instant of instants) expect(instant).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('says that all is well where it is, and nothing of the kind where anything is not known', async () => {
    const said = async (...surfaces: Parameters<typeof samples.board>[0]) =>
      /all-well">([^<]+)/.exec(
        await text(
          (await start({ services: { board: async () => samples.board(surfaces) } })).get('/console/status', PAGE),
        ),
      )?.[1];
    const well = samples.tile('a');
    expect(await said(well)).toBe('Nothing is down, degraded or unknown: 1 surface is operational.');
    expect(await said(well, samples.tile('b', { status: 'MAINTENANCE' }))).toMatch(/operational, 1 in maintenance\.$/);
    expect(await said(well, samples.tile('b', { status: 'UNKNOWN' }))).toBeUndefined();
  });

  it('helps where there is nothing to show', async () => {
    const app = await start({ services: { board: async () => samples.board([]) } });
    expect(await text(app.get('/console/status', PAGE))).toContain('SURFACES_FILE');
  });
});

describe('a reader who may only look', () => {
  it('is offered nothing that would be refused', async () => {
    const app = await start({ env: SIGN_IN });
    const paths = ['status', 'surfaces/api-prod', 'surfaces/api-staging', 'flags', 'dead-letters'];
    for (const path of paths) {
      const page = await text(app.get(`/console/${path}`, { ...PAGE, ...bearer(TOKENS.viewer) }));
      expect([path, page.includes('method="post"')]).toEqual([path, false]);
    }
  });
});

describe('a fragment', () => {
  it('is the inside of the page alone, with its title', async () => {
    const fragment = await text((await start()).get('/console/status', FRAGMENT));
    expect(fragment).toMatch(/^<title>1 down/);
    expect(fragment).toContain('id="tile-api-prod"');
    expect(fragment).not.toMatch(/<html|<main|<nav class="nav"/);
  });

  it('can be asked for in the address as well', async () => {
    const fragment = await text((await start()).get('/console/flags?fragment=1', PAGE));
    expect(fragment).not.toContain('<html');
  });

  it('of a failure is a sentence, not a page', async () => {
    const app = await start({ services: { board: () => Promise.reject(new Error('x')) } });
    expect(await text(app.get('/console/status', FRAGMENT))).toBe(
      '<p class="problem">Something went wrong here. It has been logged.</p>',
    );
  });
});

/** Opens the status page, clicks as a browser without scripts would, and follows. */
async function click(app: Running, body = ''): Promise<{ location: string | null; page: string; again: string }> {
  const { cookie, token } = await visit(app, '/console/status');
  const sent = `_csrf=${token}${body}`;
  const answer = await app.post('/console/status/investigate/web-prod', sent, { ...FORM, cookie });
  expect(answer.status).toBe(303);
  const flash = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const next = await app.get('/console/status', { ...PAGE, cookie: `${cookie}; ${flash}` });
  const gone = next.headers.getSetCookie().some((set) => /^console_flash=;.*expires=Thu, 01 Jan 1970/.test(set));
  const again = gone ? await text(app.get('/console/status', { ...PAGE, cookie })) : 'the message was not taken back';
  return { location: answer.headers.get('location'), page: await next.text(), again };
}

describe('Investigate without scripts', () => {
  it('goes back to the tile, which says once that a ticket was filed', async () => {
    const { location, page, again } = await click(await start());
    expect(location).toBe('/console/status#tile-web-prod');
    expect(page).toMatch(
      /id="outcome-web-prod[^>]*><p class="said good">Filed\. <a href="https:\/\/tickets\.example\.com/,
    );
    expect(again).toMatch(/id="outcome-web-prod[^>]*><\/div>/);
  });

  it('says that there was a ticket already', async () => {
    const { page } = await click(await start({ services: { investigate: async (id) => filed(id, true) } }));
    expect(page).toContain('Already filed; nothing new was created.');
  });

  it('says why there is none', async () => {
    const { page } = await click(await start({ services: { investigate: async (id) => unavailable(id) } }));
    expect(page).toContain('FreeScout does not answer. No ticket was filed; try again in a minute.');
  });

  it('goes back to the page of the surface when asked from there', async () => {
    const { location } = await click(await start(), '&from=surface');
    expect(location).toBe('/console/surfaces/web-prod');
  });

  it('does not show a message that is not of our signing', async () => {
    const forged = `${Buffer.from('{"tone":"good","text":"Send your password"}').toString('base64url')}.c2ln`;
    const page = await text((await start()).get('/console/status', { ...PAGE, cookie: `console_flash=${forged}` }));
    expect(page).not.toContain('Send your password');
  });
});

describe('Investigate', () => {
  it('answers 200 in JSON whether FreeScout is there or not', async () => {
    const app = await start({ services: { investigate: async (id) => unavailable(id) } });
    const response = await app.post('/console/status/investigate/api-prod');
    expect([response.status, await response.json()]).toEqual([200, unavailable('api-prod')]);
  });

  it('answers our own script with the sentence alone', async () => {
    const app = await start();
    const response = await app.post('/console/status/investigate/api-prod', {}, FRAGMENT);
    expect(await response.text()).toMatch(
      /^<p class="said good">Filed\. <a href="https:[^"]+" rel="[^"]+">Ticket #412<\/a><\/p>$/,
    );
  });

  it('says who clicked', async () => {
    const app = await start();
    await app.post('/console/status/investigate/api-prod', {}, bearer(TOKENS.operator));
    expect(app.calls).toEqual([{ what: 'investigate', with: ['api-prod', 'token bot'] }]);
  });
});

describe('maintenance', () => {
  it('is begun from the page for a length of time', async () => {
    const app = await start();
    const { cookie, token } = await visit(app, '/console/surfaces/api-prod');
    const fields = `_csrf=${token}&minutes=120&reason=New+disks`;
    const sent = await app.post('/console/surfaces/api-prod/maintenance', fields, { ...FORM, cookie });
    expect([sent.status, sent.headers.get('location')]).toEqual([303, '/console/surfaces/api-prod']);
    expect(app.calls).toEqual([
      {
        what: 'setMaintenance',
        with: ['api-prod', { until: expect.any(Date), reason: 'New disks' }, 'local developer'],
      },
    ]);
  });

  it('shows its end and reason, and can be ended', async () => {
    const page = await text((await start()).get('/console/surfaces/api-staging', PAGE));
    expect(page).toContain('Moving to new disks');
    expect(page).toContain('action="/console/surfaces/api-staging/maintenance/end"');
  });
});

describe('the other pages', () => {
  it('say when FreeScout keeps the tickets of a customer from us', async () => {
    const customer = async () => ({ ...samples.CUSTOMER, open: [], recent: [], degraded: true });
    const response = await (await start({ services: { customer } })).get('/console/customers/c-1001/tickets', PAGE);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('FreeScout does not answer');
  });

  it('lead from a customer id to the tickets', async () => {
    const response = await (await start()).get('/console/customers?id=a%2Fb', PAGE);
    expect(response.headers.get('location')).toBe('/console/customers/a%2Fb/tickets');
  });

  it('explain a flag that is forced off instead of offering to flip it', async () => {
    const page = await text((await start()).get('/console/flags', PAGE));
    expect(page).toContain('Forced off: the environment variable');
    expect(page).not.toContain('action="/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET"');
    expect(page).toContain('action="/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS"');
  });

  it('keep the filter in the address of the next page', async () => {
    const page = await text((await start()).get('/console/audit?action=a.b&q=x%26y', PAGE));
    expect(page).toContain('href="/console/audit?action=a.b&amp;q=x%26y&amp;limit=50&amp;cursor=next"');
  });

  it('say that there is nothing, kindly', async () => {
    const none = async () => ({ rows: [], next_cursor: null, total: 0 });
    const app = await start({ services: { alerts: none, audit: none, actors: none, deadLetters: none } });
    expect(await text(app.get('/console/alerts', PAGE))).toContain('No alerts, now or lately.');
    expect(await text(app.get('/console/alerts?q=x', PAGE))).toContain('No alert fits this filter.');
    expect(await text(app.get('/console/audit', PAGE))).toContain('Nothing has been recorded yet.');
    expect(await text(app.get('/console/inspect/actors', PAGE))).toContain('No actor lives yet.');
    expect(await text(app.get('/console/dead-letters', PAGE))).toContain('Nothing was given up.');
  });

  it('embed the statechart as it was drawn', async () => {
    const page = await text((await start()).get('/console/inspect/actors/surface%3Aapi-prod', PAGE));
    expect(page).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
  });
});

import { describe, expect, it } from 'vitest';
import { packageVersion } from '../../src/lib/packageVersion.ts';
import { filed, unavailable } from './fakeConsoleApi.ts';
import * as samples from './samples.ts';
import { bearer, FORM, PAGE, type Running, SIGN_IN, start, TOKENS, visit } from './support.ts';

const text = async (response: Promise<Response>) => (await response).text();
const FRAGMENT = { ...PAGE, 'hx-request': 'true' };
const BUTTON = /<button[^>]*>Investigate/g;

it('everything that the keyboard can reach on a page has a name', async () => {
  const app = await start();
  for (const path of ['dead-letters', 'reconcile', 'inspect/actors/surface:api-prod', 'sources']) {
    const page = await text(app.get(`/console/${path}`, PAGE));
    const focusable = [...page.matchAll(/<(?!a |button|input|select|textarea)\w+[^>]* tabindex="0"[^>]*>/g)];
    for (const [tag] of focusable) expect(tag).toMatch(/ aria-label(ledby)?="[^"]+"/);
    if (path !== 'sources') expect(focusable.length).toBeGreaterThan(0);
  }
});

it('every page names the version of the program at its end', async () => {
  const app = await start({ env: SIGN_IN });
  for (const path of ['/sign-in', '/console/status', '/nothing']) {
    const page = await text(app.get(path, { ...PAGE, ...bearer(TOKENS.viewer) }));
    expect(page).toMatch(new RegExp(`<footer.*Auto-Ticketing ${packageVersion()}</footer>`, 's'));
  }
});

it('every page of a console with a sandbox says so and leads to the sandbox, and no other page does', async () => {
  const sandboxPages = [{ name: 'Tickets', url: 'http://127.0.0.1:3001/' }];
  const app = await start({ services: { sandboxPages }, env: SIGN_IN });
  const headers = { ...PAGE, ...bearer(TOKENS.viewer) };
  const pages = ['/console/status', '/console/alerts', '/console/flags', '/console/nowhere'];
  const shown = await Promise.all([
    text(app.get('/sign-in', PAGE)),
    ...pages.map((path) => text(app.get(path, headers))),
  ]);
  for (const page of shown) expect(page).toMatch(/<strong>Sandbox<\/strong>.*href="http:\/\/127\.0\.0\.1:3001\/"/s);
  expect(await text((await start()).get('/console/status', PAGE))).not.toContain('Sandbox');
});

describe('the status page', () => {
  it('the status page shows surfaces that need attention first, and the others by group', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const tiles = [...page.matchAll(/id="tile-([\w-]+)"/g)].map(([, id]) => id);
    expect(tiles).toEqual(['api-prod', 'web-prod', 'mail', 'login', 'billing', 'search', 'api-staging', 'web-staging']);
    expect(page).toContain('<title>1 down, 1 degraded · Status · Auto-Ticketing</title>');
  });

  it('the status page lists and counts recovered surfaces with an open ticket', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    expect(page).toMatch(/Recovered, ticket still open <span class="count">1<\/span>/);
  });

  it('only degraded and down surfaces have the Investigate button', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const actions = [...page.matchAll(/action="\/console\/status\/investigate\/([\w-]+)"/g)].map(([, id]) => id);
    expect(actions).toEqual(['api-prod', 'web-prod']);
  });

  it('a tile shows its open ticket before the Investigate button', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const tile = page.slice(page.indexOf('id="tile-api-prod"'), page.indexOf('id="tile-web-prod"'));
    expect(tile.indexOf('Ticket #412')).toBeGreaterThan(0);
    expect(tile.indexOf('Ticket #412')).toBeLessThan(tile.search(BUTTON));
  });

  it('a tile shows a shared umbrella ticket before the Investigate button', async () => {
    const tile = samples.tile('cart', { status: 'DOWN', ticket: samples.ticket(500, 3, { shared_with: 979 }) });
    const app = await start({ services: { statusGrid: async () => samples.board([tile]) } });
    const page = await text(app.get('/console/status', PAGE));
    const tileText = page.slice(page.indexOf('id="tile-cart"')).replace(/<[^>]+>/g, '');
    expect(tileText).toMatch(
      /Ticket #500.*open.*umbrella ticket, shared with 979 other alerts · Unassigned.*Investigate/s,
    );
  });

  it('the alert list tells alerts that wait for an umbrella ticket from those that resolved before it', async () => {
    const rows = (['firing', 'resolved'] as const).map((state) =>
      samples.alert(`gale:${state}`, { state, ticket: null, no_ticket_reason: 'storm' }),
    );
    const app = await start({
      services: { alerts: async () => ({ rows, next_cursor: null, active: samples.ACTIVE }) },
    });
    const page = await text(app.get('/console/alerts', PAGE));
    expect(page).toMatch(/Waiting for the umbrella ticket of an alert storm<.*Resolved before the umbrella ticket/s);
  });

  it('the Investigate button is disabled and says why while its flag is off', async () => {
    const app = await start({ services: { isFlagOn: async () => false } });
    for (const path of ['status', 'surfaces/api-prod']) {
      const page = await text(app.get(`/console/${path}`, PAGE));
      expect(page).toMatch(/<button[^>]* disabled aria-describedby="investigate-off-reason-api-prod"[^>]*>Investigate/);
      expect(page).toMatch(/id="investigate-off-reason-api-prod">Investigate is off: see <a href="\/console\/flags">/);
      expect(page).not.toContain('action="/console/status/investigate/');
    }
  });

  it('a banner says what is wrong and what to do, and links there, on the pages of its sections', async () => {
    const letters = { advice: 'Replay them.', link: { href: '/console/dead-letters', label: 'Dead letters' } };
    const desk = { link: { href: 'https://tickets.example.com/', label: 'FreeScout' }, sections: ['status'] };
    const banners = async () => [
      samples.banner('2 deliveries failed.', letters),
      samples.banner('It is failing.', desk),
    ];
    const app = await start({ services: { banners } });
    const status = await text(app.get('/console/status', PAGE));
    expect(status).toContain(
      '<li>2 deliveries failed. Replay them. <a href="/console/dead-letters">Dead letters</a></li>',
    );
    expect(status).toContain(
      'It is failing. Repair it. <a href="https://tickets.example.com/" rel="noopener noreferrer">',
    );
    const audit = await text(app.get('/console/audit', PAGE));
    expect([audit.includes('2 deliveries failed.'), audit.includes('It is failing.')]).toEqual([true, false]);
  });

  it('every time element has a UTC datetime attribute', async () => {
    const page = await text((await start()).get('/console/status', PAGE));
    const instants = [...page.matchAll(/<time[^>]*datetime="([^"]+)"/g)].map(([, instant = '']) => instant);
    expect(instants.length).toBeGreaterThan(10);
    for (const instant of instants) expect(instant).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('the banner without problems appears only if no surface is down, degraded or unknown', async () => {
    const bannerFor = async (...surfaces: Parameters<typeof samples.board>[0]) =>
      /all-operational">([^<]+)/.exec(
        await text(
          (await start({ services: { statusGrid: async () => samples.board(surfaces) } })).get('/console/status', PAGE),
        ),
      )?.[1];
    const operational = samples.tile('a');
    expect(await bannerFor(operational)).toBe('No problems: 1 surface is operational.');
    expect(await bannerFor(operational, samples.tile('b', { status: 'MAINTENANCE' }))).toMatch(
      /operational, 1 in maintenance\.$/,
    );
    expect(await bannerFor(operational, samples.tile('b', { status: 'UNKNOWN' }))).toBeUndefined();
  });

  it('an empty status page explains how to add surfaces', async () => {
    const app = await start({ services: { statusGrid: async () => samples.board([]) } });
    expect(await text(app.get('/console/status', PAGE))).toContain('SURFACES_FILE');
  });
});

describe('a viewer', () => {
  it('pages offer a viewer no action that would be refused', async () => {
    const app = await start({ env: SIGN_IN });
    const paths = ['status', 'surfaces/api-prod', 'surfaces/api-staging', 'flags', 'dead-letters'];
    for (const path of paths) {
      const page = await text(app.get(`/console/${path}`, { ...PAGE, ...bearer(TOKENS.viewer) }));
      expect([path, page.includes('method="post"')]).toEqual([path, false]);
    }
  });
});

describe('a fragment', () => {
  it('a fragment is the main content of the page with its title', async () => {
    const fragment = await text((await start()).get('/console/status', FRAGMENT));
    expect(fragment).toMatch(/^<title>1 down/);
    expect(fragment).toContain('id="tile-api-prod"');
    expect(fragment).not.toMatch(/<html|<main|<nav class="nav"/);
  });

  it('a fragment can be requested with a query parameter', async () => {
    const fragment = await text((await start()).get('/console/flags?fragment=1', PAGE));
    expect(fragment).not.toContain('<html');
  });

  it('a fragment of a failed page is one sentence', async () => {
    const app = await start({ services: { statusGrid: () => Promise.reject(new Error('x')) } });
    expect(await text(app.get('/console/status', FRAGMENT))).toBe(
      '<p class="problem">An internal error occurred. It has been logged.</p>',
    );
  });
});

/** Opens the status page, clicks like a browser without scripts, and follows the redirect. */
async function click(app: Running, body = ''): Promise<{ location: string | null; page: string; again: string }> {
  const { cookie, token } = await visit(app, '/console/status');
  const sent = `_csrf=${token}${body}`;
  const answer = await app.post('/console/status/investigate/web-prod', sent, { ...FORM, cookie });
  expect(answer.status).toBe(303);
  const flash = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const next = await app.get('/console/status', { ...PAGE, cookie: `${cookie}; ${flash}` });
  const isCleared = next.headers.getSetCookie().some((set) => /^console_flash=;.*expires=Thu, 01 Jan 1970/.test(set));
  const again = isCleared ? await text(app.get('/console/status', { ...PAGE, cookie })) : 'the cookie was not cleared';
  return { location: answer.headers.get('location'), page: await next.text(), again };
}

describe('Investigate without scripts', () => {
  it('a click without scripts redirects to the tile, which shows the result once', async () => {
    const { location, page, again } = await click(await start());
    expect(location).toBe('/console/status#tile-web-prod');
    expect(page).toMatch(
      /id="outcome-web-prod[^>]*><p class="result good">Filed\. <a href="https:\/\/tickets\.example\.com/,
    );
    expect(again).toMatch(/id="outcome-web-prod[^>]*><\/div>/);
  });

  it('a click without scripts shows that a ticket existed already', async () => {
    const { page } = await click(await start({ services: { investigate: async (id) => filed(id, true) } }));
    expect(page).toContain('Already filed; no new ticket was created.');
  });

  it('a click without scripts shows why no ticket was filed', async () => {
    const { page } = await click(await start({ services: { investigate: async (id) => unavailable(id) } }));
    expect(page).toContain('FreeScout does not answer. No ticket was filed; try again in a minute.');
  });

  it('a click on the page of a surface redirects back to it', async () => {
    const { location } = await click(await start(), '&from=surface');
    expect(location).toBe('/console/surfaces/web-prod');
  });

  it('a forged flash message is not shown', async () => {
    const forged = `${Buffer.from('{"tone":"good","text":"Send your password"}').toString('base64url')}.c2ln`;
    const page = await text((await start()).get('/console/status', { ...PAGE, cookie: `console_flash=${forged}` }));
    expect(page).not.toContain('Send your password');
  });
});

describe('Investigate', () => {
  it('Investigate answers 200 in JSON while FreeScout is unavailable', async () => {
    const app = await start({ services: { investigate: async (id) => unavailable(id) } });
    const response = await app.post('/console/status/investigate/api-prod');
    expect([response.status, await response.json()]).toEqual([200, unavailable('api-prod')]);
  });

  it('Investigate answers our own script with the result only', async () => {
    const app = await start();
    const response = await app.post('/console/status/investigate/api-prod', {}, FRAGMENT);
    expect(await response.text()).toMatch(
      /^<p class="result good">Filed\. <a href="https:[^"]+" rel="[^"]+">Ticket #412<\/a><\/p>$/,
    );
  });

  it('Investigate passes on the name of the caller', async () => {
    const app = await start();
    await app.post('/console/status/investigate/api-prod', {}, bearer(TOKENS.operator));
    expect(app.calls).toEqual([{ what: 'investigate', with: ['api-prod', 'token bot'] }]);
  });
});

describe('maintenance', () => {
  it('the maintenance form starts maintenance for a duration', async () => {
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

  it('the page of a surface says how many days its certificate has left', async () => {
    const in10Days = samples.at(-60 * 24 * 10 - 60);
    const surface = async () => ({ ...samples.story(samples.tile('shop')), certificate_expires_at: in10Days });
    const page = await text((await start({ services: { surface } })).get('/console/surfaces/shop', PAGE));
    expect(page).toMatch(/<dt>Certificate<\/dt>\s*<dd>\s*10 days left, until /);
  });

  it('a surface under maintenance shows the reason and a form to end it', async () => {
    const page = await text((await start()).get('/console/surfaces/api-staging', PAGE));
    expect(page).toContain('Moving to new disks');
    expect(page).toContain('action="/console/surfaces/api-staging/maintenance/end"');
  });
});

describe('the other pages', () => {
  it('the page of a customer explains that FreeScout does not answer', async () => {
    const customer = async () => ({ ...samples.CUSTOMER, open: [], recent: [], degraded: true });
    const response = await (await start({ services: { customer } })).get('/console/customers/c-1001/tickets', PAGE);
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('FreeScout does not answer');
  });

  it('the customer search lists the matches with a link to the tickets of each', async () => {
    const app = await start();
    const page = await text(app.get('/console/customers?q=ada', PAGE));
    expect(page).toContain('<a href="/console/customers/c-1001/tickets">Ada Byron</a>');
    expect(page).toContain('href="/console/customers?q=ada&amp;limit=50&amp;cursor=next"');
    expect(app.calls).toContainEqual({ what: 'customers', with: [{ q: 'ada', limit: 50 }] });
  });

  it('the customer search says that it finds beginnings of words', async () => {
    const page = await text((await start()).get('/console/customers', PAGE));
    expect(page).toMatch(
      /The search finds beginnings of words: <code>byr<\/code> finds Ada Byron, <code>yron<\/code> does not\./,
    );
  });

  const SINCE = '2026-05-01T00:00:00.000Z';
  const searched = { rows: [], next_cursor: 'more', searched_since: SINCE };

  it('a search of alerts that did not reach the end says how far back it looked, and leads on', async () => {
    const alerts = async () => ({ ...searched, active: { P1: 0, P2: 0, P3: 0 } });
    const page = await text((await start({ services: { alerts } })).get('/console/alerts?q=disk', PAGE));
    expect(page).toContain('None of the alerts that were searched match this filter.');
    expect(page.replace(/<[^>]+>/g, '')).toMatch(
      /Searched all active alerts, and of the others those that changed since\s+2026-05-01 00:00:00 UTC/,
    );
    expect(page).toMatch(/href="\/console\/alerts\?q=disk&amp;limit=50&amp;cursor=more"[^>]*>Search earlier alerts/);
  });

  it('a search of actors that did not reach the end says how far back it looked, and leads on', async () => {
    const actors = async () => searched;
    const page = await text((await start({ services: { actors } })).get('/console/inspect/actors?q=shop', PAGE));
    expect(page).toContain('None of the actors that were searched match this filter.');
    expect(page.replace(/<[^>]+>/g, '')).toMatch(/Searched the actors that changed since\s+2026-05-01 00:00:00 UTC/);
    expect(page).toMatch(
      /href="\/console\/inspect\/actors\?q=shop&amp;limit=50&amp;cursor=more"[^>]*>Search earlier actors/,
    );
  });

  it('a search of the audit log that did not reach the end says how far back it looked, and leads on', async () => {
    const audit = async () => searched;
    const page = await text((await start({ services: { audit } })).get('/console/audit?q=shop', PAGE));
    expect(page).toContain('No entries in these days match this filter.');
    expect(page.replace(/<[^>]+>/g, '')).toContain(
      'Searched entries since 2026-05-01 00:00:00 UTC. Each page of a search covers at most 31 days.',
    );
    expect(page).toMatch(/href="\/console\/audit\?q=shop&amp;limit=50&amp;cursor=more"[^>]*>Search earlier entries/);
  });

  it('the alert page links to the runbook of the sender', async () => {
    const labels = { runbook: 'https://wiki.example.com/disk', dashboard: 'javascript:alert(1)' };
    const alert = async () => ({ ...samples.alertStory(samples.alert('a:b')), labels });
    const page = await text((await start({ services: { alert } })).get('/console/alerts/a%3Ab', PAGE));
    expect(page).toMatch(/<dt>Runbook<\/dt><dd><a href="https:\/\/wiki.example.com\/disk"/);
    expect(page).not.toContain('href="javascript:');
  });

  it('the customer search by id redirects to the tickets of the customer', async () => {
    const response = await (await start()).get('/console/customers?id=a%2Fb', PAGE);
    expect(response.headers.get('location')).toBe('/console/customers/a%2Fb/tickets');
  });

  it('a flag that is forced off has an explanation instead of a button', async () => {
    const page = await text((await start()).get('/console/flags', PAGE));
    expect(page).toContain('Forced off: the environment variable');
    expect(page).not.toContain('action="/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET"');
    expect(page).toContain('action="/console/flags/FLAG_CONSOLE_INVESTIGATE_FROM_STATUS"');
  });

  it('the link to the next page keeps the filter', async () => {
    const page = await text((await start()).get('/console/audit?action=a.b&q=x%26y', PAGE));
    expect(page).toContain('href="/console/audit?action=a.b&amp;q=x%26y&amp;limit=50&amp;cursor=next"');
  });

  it('empty lists have a message', async () => {
    const none = async () => ({ rows: [], next_cursor: null, total: 0, active: { P1: 0, P2: 0, P3: 0 } });
    const app = await start({ services: { alerts: none, audit: none, actors: none, deadLetters: none } });
    expect(await text(app.get('/console/alerts', PAGE))).toContain('No active or recent alerts.');
    expect(await text(app.get('/console/alerts?q=x', PAGE))).toContain('No alerts match this filter.');
    expect(await text(app.get('/console/audit', PAGE))).toContain('No entries yet.');
    expect(await text(app.get('/console/inspect/actors', PAGE))).toContain('No actors yet.');
    expect(await text(app.get('/console/dead-letters', PAGE))).toContain('No dead letters.');
  });

  it('the page of an actor embeds its statechart', async () => {
    const page = await text((await start()).get('/console/inspect/actors/surface%3Aapi-prod', PAGE));
    expect(page).toContain('<svg xmlns="http://www.w3.org/2000/svg"');
  });
});

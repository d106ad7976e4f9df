import { expect, it } from 'vitest';
import * as samples from './samples.ts';
import { PAGE, start } from './support.ts';

/** What the list of alerts, the page of one and the weekly page show. Others check their looks. */

async function textOf(path: string, app?: Awaited<ReturnType<typeof start>>): Promise<string> {
  return (await (app ?? (await start())).get(path, PAGE)).text();
}

/** The text between the tags, in one line. */
const plain = (html: string): string => html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ');

it('the list of alerts counts the active ones of each severity, and each count leads to those', async () => {
  const alerts = async () => ({ rows: samples.ALERTS, next_cursor: null, active: { P1: 2, P2: 0, P3: 7 } });
  const page = await textOf('/console/alerts', await start({ services: { alerts } }));
  const counts = [...page.matchAll(/href="\/console\/alerts\?severity=(P\d)"><strong>(\d+)</g)];
  expect(counts.map(([, severity, count]) => `${count} ${severity}`)).toEqual(['2 P1', '7 P3']);
});

it('the list of alerts is filtered by state, severity, source and text', async () => {
  const app = await start();
  const page = await textOf('/console/alerts?state=firing&severity=P1&source=grafana&q=disk', app);
  const query = { state: 'firing', severity: 'P1', source: 'grafana', q: 'disk' };
  expect(app.calls).toContainEqual({ what: 'alerts', with: [expect.objectContaining(query)] });
  expect(page).toContain('state=firing&amp;severity=P1&amp;source=grafana&amp;q=disk');
});

it('the page of an alert has its facts, periods with tickets and messages, and leads to its surface, sender and chart', async () => {
  const row = samples.alert('grafana:disk', {
    surface_id: 'api-prod',
    url: 'https://grafana.example.com/a/1',
    episode: 3,
  });
  const alert = async () => samples.alertStory({ ...row, title: 'Disk is full', severity: 'P1' });
  const page = await textOf('/console/alerts/grafana%3Adisk', await start({ services: { alert } }));
  const shown = plain(page.slice(page.indexOf('<main')));
  for (const text of ['Disk is full', 'P1', '(episode 3)', 'No answer within 5000 ms', 'region eu-1', 'C024BE91L']) {
    expect(shown).toContain(text);
  }
  expect(shown).toMatch(/When it was active .*Ticket #413 .*Ticket #371 /);
  const links = [...page.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href);
  expect(links).toEqual(
    expect.arrayContaining([
      '/console/surfaces/api-prod',
      'https://grafana.example.com/a/1',
      '/console/audit?q=grafana%3Adisk',
      '/console/inspect/actors/alert%3Agrafana%3Adisk',
    ]),
  );
});

it('an alert without a ticket says why, in the list and on its page', async () => {
  const row = samples.alert('grafana:disk', { ticket: null, no_ticket_reason: 'flag_off' });
  const alerts = async () => ({ rows: [row], next_cursor: null, active: samples.ACTIVE });
  const app = await start({ services: { alerts, alert: async () => samples.alertStory(row) } });
  for (const path of ['/console/alerts', '/console/alerts/grafana%3Adisk']) {
    expect(plain(await textOf(path, app))).toContain('Tickets for alerts are turned off');
  }
});

it('the weekly page says first what to fix and where, then what was noisy and what was suppressed', async () => {
  const page = await textOf('/console/weekly');
  const headings = [...page.matchAll(/<h2 id="([\w-]+)"/g)].map(([, id]) => id);
  expect(headings).toEqual(['fix-first', 'figures', 'noisy-surfaces', 'noisy-sources', 'held-back']);
  expect(page).toContain('<a href="/console/flags">Turn FLAG_CONSOLE_ALERTS_AUTO_TICKET on</a>');
  const quiet = { ...samples.WEEK, surfaces: [], held_back: [] };
  const shown = plain(await textOf('/console/weekly', await start({ services: { weekly: async () => quiet } })));
  expect(shown).toMatch(/No alert was about a surface\. .*No ticket was suppressed\./);
});

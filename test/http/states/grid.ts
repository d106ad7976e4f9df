import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import { unavailable } from '../fakeConsoleApi.ts';
import * as samples from '../samples.ts';
import { LONG_TEXT, LONG_WORD, noAlerts, type PageState, press } from './state.ts';

/** The status page and the page of one surface. */

const PATH = '/console/status';
const SURFACE = '/console/surfaces/api-prod';
const ALERT = '/console/alerts/status_poller%3Aa3f9b8126c01de77';
const { at, board, SURFACES, story, ticket, tile } = samples;
const [down = tile('api-prod')] = SURFACES;
const well = SURFACES.filter(({ status }) => status === 'OPERATIONAL').map((one) => ({
  ...one,
  recovered_ticket_open: false,
  recovered_ticket: null,
  earlier_tickets: [],
}));
const FREESCOUT_AWAY = [
  samples.banner('FreeScout has been failing since 02:10 UTC; 3 tickets wait for it.', {
    link: { href: 'https://tickets.example.com/', label: 'FreeScout' },
  }),
];
const FLAGS_OFF = [
  samples.banner('Tickets for alerts are off since 2026-05-05 02:10 UTC, by olga: 2 P1 alerts have no ticket.', {
    link: { href: '/console/flags', label: 'Flags' },
    sections: ['status'],
  }),
];
/** Few surfaces, because every check takes time. */
const few: Partial<ConsoleApi> = { statusGrid: async () => board(SURFACES.slice(0, 3)) };
const short = (surface = down) => ({ ...story(surface), checks: [], history: [], outages: [], day_counts: [] });
const brief: Partial<ConsoleApi> = { surface: async () => short() };
const away = { banners: async () => FREESCOUT_AWAY, investigate: async (id: string) => unavailable(id) };

const stale = tile('api-prod', {
  name: 'API (production)',
  status: 'UNKNOWN',
  was: 'DOWN',
  last_check: { at: at(26), latency_ms: null, error: 'connect ECONNREFUSED 192.0.2.10:443' },
  ticket: ticket(412, 31, { looked_at: at(25) }),
});
const umbrella = ticket(420, 11, { shared_with: 36 });
const lengthy = tile('long', {
  name: LONG_WORD,
  group: LONG_WORD,
  status: 'DOWN',
  last_check: { at: at(0), latency_ms: null, error: LONG_TEXT },
  ticket: ticket(412, 11, { assignee: LONG_WORD, last_reply_at: at(2) }),
  earlier_tickets: [398, 397, 396, 395].map((id) => ticket(id, 300, { assignee: LONG_WORD })),
});
const healed = tile('healed', {
  name: LONG_WORD,
  recovered_ticket_open: true,
  recovered_ticket: ticket(398, 300, { assignee: LONG_WORD }),
  earlier_tickets: [ticket(398, 300, { assignee: LONG_WORD }), ticket(397, 300), umbrella],
});
const unfiled = tile('unfiled', { status: 'DOWN', no_ticket_reason: 'flag_off' });
const many = Array.from({ length: 30 }, (_, n) => tile(`shard-${n}`, { name: `Shard ${n}`, group: `Zone ${n % 3}` }));

const everyKind: Partial<ConsoleApi> = {
  statusGrid: async () => board([lengthy, healed, unfiled, { ...stale, id: 'stale' }, ...SURFACES]),
};

const fresh = { ...short(tile('mail', SURFACES.at(-1))), tickets: [], alerts: [], latency: null };
const outcome = (text: string) => `#main .outcome:has-text("${text}")`;

export const GRID: PageState[] = [
  { name: 'with problems', path: PATH },
  { name: 'without problems', path: PATH, services: { statusGrid: async () => board(well) } },
  { name: 'no surfaces', path: PATH, services: { statusGrid: async () => board([]) } },
  { name: 'many surfaces', path: PATH, services: { statusGrid: async () => board(many) } },
  {
    name: 'long words',
    path: PATH,
    services: { statusGrid: async () => board([lengthy, healed, unfiled, ...SURFACES]) },
  },
  { name: 'checks have stopped', path: PATH, services: { statusGrid: async () => board([stale]) } },
  { name: 'filtered', path: `${PATH}?status=DOWN&q=api&group=Production` },
  { name: 'sorted by name', path: `${PATH}?sort=name` },
  { name: 'filtered to nothing', path: `${PATH}?q=nothing-is-called-so` },
  { name: 'no problems to show', path: `${PATH}?problems=1`, services: { statusGrid: async () => board(well) } },
  { name: 'for a viewer', path: PATH, as: 'viewer', services: few },
  { name: 'without sign-in', path: PATH, as: 'developer', services: few },
  {
    name: 'flags are off',
    path: PATH,
    services: { ...few, isFlagOn: async () => false, banners: async () => FLAGS_OFF },
  },
  { name: 'compact', path: `${PATH}?density=compact`, services: everyKind },
  { name: 'as a list', path: `${PATH}?density=list`, services: everyKind },
  { name: 'as a list sorted by name', path: `${PATH}?density=list&sort=name`, services: everyKind },
  {
    name: 'Investigate has filed',
    path: PATH,
    services: few,
    act: async (page) => {
      await press(page, 'Investigate API (production)');
      await page.waitForSelector(outcome('Filed.'));
    },
  },
  {
    name: 'Investigate waits',
    path: PATH,
    services: { ...few, investigate: () => new Promise(() => {}) },
    act: async (page) => {
      await press(page, 'Investigate API (production)');
      await page.waitForSelector(outcome('Filing'));
    },
  },
  {
    name: 'FreeScout is unavailable',
    path: PATH,
    services: { ...few, ...away },
    act: async (page) => {
      await press(page, 'Investigate API (production)');
      await page.waitForSelector(outcome('does not answer'));
    },
  },
  {
    name: 'live updates are interrupted',
    path: PATH,
    services: few,
    act: async (page) => {
      await page.route(/fragment|events/, (route) => route.fulfill({ status: 204 }));
      await page.reload();
      await page.waitForSelector('#link-lost:not([hidden])');
      await page.unrouteAll();
    },
  },

  { name: 'down', path: SURFACE },
  { name: 'in maintenance', path: '/console/surfaces/api-staging' },
  {
    name: 'in maintenance, for a viewer',
    path: SURFACE,
    as: 'viewer',
    services: { surface: async () => short(SURFACES.find(({ status }) => status === 'MAINTENANCE')) },
  },
  {
    name: 'down, Investigate is off',
    path: SURFACE,
    services: { ...brief, isFlagOn: async () => false, banners: async () => FLAGS_OFF },
  },
  { name: 'never checked', path: SURFACE, services: { surface: async () => fresh } },
  { name: 'long words', path: SURFACE, services: { surface: async () => ({ ...short(lengthy), url: LONG_TEXT }) } },
  {
    name: 'checks have stopped, FreeScout is unavailable',
    path: SURFACE,
    services: { ...away, surface: async () => short(stale) },
  },
  {
    name: 'with an umbrella ticket',
    path: SURFACE,
    services: {
      surface: async () => ({
        ...short(),
        ticket: umbrella,
        tickets: [
          { ...umbrella, path: 'umbrella', subject: '[AT-9Q8R7S6T5V] STORM: status_poller', joined_at: at(13) },
        ],
        alerts: [samples.alert('status_poller:a3f9b8126c01de77', { ticket: umbrella, no_ticket_reason: 'storm' })],
      }),
    },
  },
  {
    name: 'maintenance begins',
    path: SURFACE,
    services: brief,
    act: async (page) => {
      await page.getByLabel('Reason').fill('new disks');
      await press(page, 'Start maintenance');
      await page.waitForSelector('body > .banner.good');
    },
  },
  {
    name: 'maintenance is refused',
    path: SURFACE,
    status: 400,
    leadsTo: 'POST /console/surfaces/api-prod/maintenance',
    services: brief,
    act: async (page) => {
      // In one step, because a live update may draw the form anew between two.
      await page.evaluate(`
        const form = document.querySelector('form[action$="/maintenance"]');
        form.minutes.selectedOptions[0].value = '45';
        form.reason.value = 'new disks';
        form.requestSubmit();`);
      await page.waitForSelector('.problem-page');
    },
  },
  { name: 'unknown', path: '/console/surfaces/nothing', status: 404 },
];

export const ALERTS: PageState[] = [
  { name: 'of every kind', path: '/console/alerts' },
  { name: 'none', path: '/console/alerts', services: { alerts: noAlerts } },
  { name: 'filtered to nothing', path: '/console/alerts?state=flapping&q=nothing', services: { alerts: noAlerts } },
  {
    name: 'a search that leads to earlier alerts',
    path: '/console/alerts?q=nothing',
    services: {
      alerts: async () => ({ ...(await noAlerts()), next_cursor: 'next', searched_since: '2026-05-01T00:00:00.000Z' }),
    },
  },
  { name: 'second page', path: '/console/alerts?cursor=next' },
  { name: 'one alert', path: ALERT },
  { name: 'one alert, for a viewer', path: ALERT, as: 'viewer' },
  {
    name: 'one alert with long words',
    path: ALERT,
    services: {
      alert: async () => ({
        ...samples.alertStory(samples.alert(LONG_WORD, { title: LONG_WORD, url: `https://${LONG_WORD}`, episode: 12 })),
        details: `${LONG_TEXT} ${LONG_WORD}`,
        labels: { [LONG_WORD]: LONG_WORD },
      }),
    },
  },
  {
    name: 'one alert of which little is known',
    path: ALERT,
    services: {
      alert: async () => ({
        ...samples.alertStory(samples.alert('a:b', { last_seen_at: null, ticket: null, no_ticket_reason: 'storm' })),
        ...{ details: null, labels: {}, periods: [], messages: [], history: [] },
      }),
    },
  },
  { name: 'an unknown alert', path: '/console/alerts/nothing', status: 404 },
  {
    name: 'long words and an alert storm',
    path: '/console/alerts',
    services: {
      alerts: async () => ({
        rows: [
          samples.alert(`${LONG_WORD.slice(0, 63)}:0123456789abcdef`, { title: LONG_TEXT, surface_id: 'a'.repeat(63) }),
          samples.alert('prometheus:0123456789abcdef', { ticket: null, no_ticket_reason: 'storm', title: LONG_WORD }),
          samples.alert('prometheus:1123456789abcdef', { ticket: umbrella, no_ticket_reason: 'storm' }),
        ],
        next_cursor: 'next',
        active: { P1: 1_204, P2: 0, P3: 2 },
      }),
    },
  },
];

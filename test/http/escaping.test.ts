import { describe, expect, it } from 'vitest';
import type { ConsoleApi } from '../../src/http/consoleApi.ts';
import * as samples from './samples.ts';
import { PAGE, start } from './support.ts';

const EVIL = `<img src=x onerror=alert(1)>"'><script>alert(2)</script>&amp;\u202efdp\u200b`;

/** Replaces every text in `data` by hostile HTML, except values that select what is shown. */
function poisoned<T>(data: T, keep: readonly string[] = []): T {
  const KEPT = new Set(['status', 'state', 'severity', 'path', 'kind', 'chart_svg', ...keep]);
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') return KEPT.has(key) || /^\d{4}-\d\d-\d\dT/.test(value) ? value : EVIL;
    if (Array.isArray(value)) return value.map((item) => visit(item, key));
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, visit(inner, name)]));
    }
    return value;
  };
  return visit(data, '') as T;
}

const page = <T>(rows: T[]) => ({ rows, next_cursor: EVIL });

const HOSTILE: Partial<ConsoleApi> = {
  statusGrid: async () => poisoned(samples.board(samples.SURFACES), ['id']),
  surface: async () => poisoned(samples.story(samples.SURFACES[0] ?? samples.tile('x')), ['id']),
  alerts: async () => ({ ...page(poisoned(samples.ALERTS)), active: samples.ACTIVE }),
  alert: async () => poisoned(samples.alertStory(samples.ALERTS[0] ?? samples.alert('a:b'))),
  silences: async () => page(poisoned(samples.SILENCES)),
  customers: async () => ({ customers: [poisoned(samples.CUSTOMER.customer)], next_cursor: EVIL }),
  customer: async () => poisoned(samples.CUSTOMER),
  flags: async () => poisoned(samples.FLAGS),
  audit: async () =>
    page([...poisoned(samples.AUDIT), ...poisoned([{ ...samples.AUDIT[0], payload: { [EVIL]: [EVIL] } }])]) as never,
  actors: async () =>
    page(
      poisoned(
        samples.ACTORS.map((actor) => ({ ...actor, state: { [EVIL]: EVIL }, parked: 'x' })),
        ['parked'],
      ),
    ),
  actor: async () =>
    poisoned(samples.actorDetail({ ...(samples.ACTORS[0] as (typeof samples.ACTORS)[0]), parked: 'x' })),
  deadLetters: async () => ({ ...page(poisoned(samples.DEAD_LETTERS)), total: 2 }),
  deadLetter: async () => poisoned(samples.DEAD_LETTERS)[0] ?? null,
  sessions: async () => page(poisoned(samples.SESSIONS, ['role'])),
  sources: async () => poisoned(samples.SOURCES),
  shadow: async () => poisoned(samples.SHADOW),
  refusals: async () => poisoned(samples.REFUSALS),
  banners: async () => [samples.banner(EVIL, { advice: EVIL, link: { href: EVIL, label: EVIL } })],
};

const QUERY = `?q=${encodeURIComponent(EVIL)}`;
const PATHS = [
  '/console/status',
  '/console/surfaces/api-prod',
  `/console/alerts${QUERY}`,
  `/console/customers${QUERY}`,
  '/console/customers/c-1001/tickets',
  '/console/silences',
  '/console/silences/new?alert=x',
  '/console/flags',
  `/console/audit${QUERY}&action=${encodeURIComponent(EVIL)}`,
  `/console/inspect/actors${QUERY}`,
  '/console/inspect/actors/x',
  '/console/dead-letters',
  '/console/dead-letters/d1',
  '/console/sessions',
  '/console/sources',
  '/console/refusals',
  `/console/${encodeURIComponent(EVIL)}`,
];

/** Pages whose fields send foreign text back, and what is around it. */
const FIELDS: [path: string, opening: string, closing: string][] = [
  [`/console/alerts${QUERY}`, 'name="q" value="', '"'],
  ['/console/dead-letters/d1', 'spellcheck="false">', '</textarea>'],
];

describe('foreign HTML is text', () => {
  it.each(PATHS)('hostile HTML in the data of %s is shown as text', async (path) => {
    const app = await start({ services: HOSTILE });
    const html = await (await app.get(path, PAGE)).text();
    expect(html).not.toMatch(/<img|<script(?! src="\/assets)|<\/script>(?!<|\s)/);
    // After breaking out of an attribute, the handler would remain outside of the escaped text.
    expect(html.replace(/&lt;img src=x onerror=alert\(1\)&gt;|&lt;img src=x onerror=alert\(1\)>/g, '')).not.toContain(
      'onerror=',
    );
  });

  it.each(PATHS)('characters that reorder or hide text are visible in what a reader sees of %s', async (path) => {
    const app = await start({ services: HOSTILE });
    const html = await (await app.get(path, PAGE)).text();
    // Fields, addresses and ids are not read as text.
    const seen = html.replace(/(<textarea[^>]*>)[^<]*| (?!title=|aria-label=|placeholder=)[\w-]+="[^"]*"/g, '$1');
    expect(seen).not.toMatch(/[\u202e\u200b]/);
  });

  it.each(FIELDS)('the field of %s contains these characters as they are', async (path, opening, closing) => {
    const app = await start({ services: HOSTILE });
    const html = await (await app.get(path, PAGE)).text();
    const [, ...fields] = html.split(opening);
    expect(fields.map((field) => field.split(closing)[0])).toContainEqual(
      expect.stringMatching(/&amp;amp;\u202efdp\u200b/),
    );
  });

  it('escaped text is shown completely', async () => {
    const app = await start({ services: HOSTILE });
    const html = await (await app.get('/console/customers/c-1001/tickets', PAGE)).text();
    expect(html).toContain(
      "&lt;img src=x onerror=alert(1)>&quot;'>&lt;script>alert(2)&lt;/script>&amp;amp;[U+202E]fdp[U+200B]",
    );
  });

  it('hostile HTML in an error message is shown as text', async () => {
    const app = await start({ services: { customer: async () => null } });
    const html = await (await app.get(`/console/customers/${encodeURIComponent(EVIL)}/tickets`, PAGE)).text();
    expect(html).toContain('No customer has the id &lt;img');
    expect(html).not.toContain('<img');
  });
});

describe('unsafe addresses', () => {
  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    '//evil.example',
    '/\\\\evil.example',
    'nonsense',
  ])('the address %s is shown as text and not as a link', async (url) => {
    const story = { ...samples.story(samples.SURFACES[0] ?? samples.tile('x')), url };
    const alert = samples.alert('a:b', { url, ticket: { ...samples.ticket(1), url } });
    const app = await start({
      services: {
        surface: async () => ({ ...story, ticket: { ...samples.ticket(1), url }, alerts: [alert] }),
        alerts: async () => ({ rows: [alert], next_cursor: null, active: samples.ACTIVE }),
        alert: async () => samples.alertStory(alert),
      },
    });
    for (const path of ['/console/surfaces/api-prod', '/console/alerts', '/console/alerts/a%3Ab']) {
      const html = await (await app.get(path, PAGE)).text();
      const targets = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
      expect(targets.filter((href) => !/^(\/(?!\/)|#|https?:)/.test(href))).toEqual([]);
      expect(html).toContain('class="not-a-link"');
    }
  });

  it('an unsafe ticket address in the result of a click is not a link', async () => {
    const answer = {
      surface_id: 'api-prod',
      status: 'DOWN' as const,
      ticket_id: 1,
      ticket_url: 'javascript:alert(1)',
      idempotent: false,
      degraded: false as const,
    };
    const app = await start({ services: { investigate: async () => answer } });
    const part = await app.post('/console/status/investigate/api-prod', {}, { ...PAGE, 'hx-request': 'true' });
    expect(await part.text()).not.toContain('href');
  });
});

import { describe, expect, test } from 'vitest';
import type { FilingRequest, NoteAbout } from '../../machines/shared/protocol.ts';
import { composeNote } from '../../src/tickets/composeNote.ts';
import { composeTicket, type TicketFacts } from '../../src/tickets/composeTicket.ts';
import { tagsOf } from '../../src/tickets/ticketTags.ts';
import { alert, click, MARKER, storm } from '../support/requests.ts';

const EVIL = `<img src=x onerror="alert('1')">&amp;`;
const EVIL_ESCAPED = '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;';
const facts: TicketFacts = { consoleUrl: 'https://console.example.com', earlier: null, lastCheck: null };

const compose = (request: FilingRequest, more: Partial<TicketFacts> = {}) =>
  composeTicket({ marker: MARKER, request }, { ...facts, ...more });
const htmlOf = (request: FilingRequest) => compose(request).html;

describe('bodies', () => {
  test('of clicks contain surface, status, time, last check, operator, links and marker', () => {
    const lastCheck = {
      at: new Date('2026-05-05T14:33:00Z'),
      outcome: 'down',
      latencyMs: 120,
      httpStatus: 503,
      error: 'HTTP 503',
    };
    const { html } = compose(click(), {
      lastCheck,
      earlier: { id: 7, url: 'https://desk.example.com/conversation/7' },
    });
    expect(html).toContain('<b>API (production)</b> (api-prod) has been <b>DOWN</b> since 2026-05-05 14:32:17 UTC.');
    expect(html).toContain('Last check at 2026-05-05 14:33:00 UTC: down (HTTP 503, 120 ms).');
    expect(html).toContain('Filed for olga, who clicked Investigate.');
    expect(html).toContain('<a href="https://desk.example.com/conversation/7">#7</a>');
    expect(html).toContain('href="https://console.example.com/console/surfaces/api-prod"');
    expect(html).toContain(MARKER);
  });

  test('of alerts contain severity, title, details, source, time, links, alert key and marker', () => {
    const html = htmlOf(
      alert({
        details: 'first\nsecond',
        url: 'https://prom.example.com/a?b=1&c=2',
        surfaceId: 'api',
        surfaceName: 'API',
      }),
    );
    expect(html).toContain('<b>P1</b>: Disk is full');
    expect(html).toContain('first<br>second');
    expect(html).toContain('Source prom, active since 2026-05-05 14:32:17 UTC.');
    expect(html).toContain('Surface: API (api)');
    expect(html).toContain('<a href="https://prom.example.com/a?b=1&amp;c=2">');
    expect(html).toContain('href="https://console.example.com/console/alerts?q=prom%3Aa3f9b812"');
    expect(html).toContain('Alert key: <code>prom:a3f9b812</code>');
    expect(html).toContain(MARKER);
  });

  test('of alerts show labels in a table, addresses as links, and count what does not fit', () => {
    const labels = {
      evil: EVIL,
      runbook: 'https://runbooks.example.com/?a=1&b=2',
      script: 'javascript:alert(1)',
      ...Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`long${n}`, 'x'.repeat(1_000)])),
    };
    const html = htmlOf(alert({ labels }));
    expect(html).toContain('<table><tr><td>runbook</td><td><a href="https://runbooks.example.com/?a=1&amp;b=2">');
    expect(html).toContain(`</tr><tr><td>evil</td><td>${EVIL_ESCAPED}</td></tr>`);
    expect(html).toContain('<td>javascript:alert(1)</td>');
    expect(html).toContain('<td>…</td><td>15 more</td></tr></table>');
    expect(html).not.toContain('<p><table>');
  });

  test('of storms list and count their members', () => {
    const html = htmlOf(storm({ count: 5 }));
    expect(html).toContain('<li>P1 One <code>prom:1</code></li>');
    expect(html).toContain('and 4 more.');
    expect(html).toContain(MARKER);
  });

  test.each([
    ['the name of a surface', click({ surfaceName: EVIL })],
    ['an operator', click({ by: EVIL })],
    ['a title', alert({ title: EVIL })],
    ['details', alert({ details: EVIL })],
    ['an address', alert({ url: EVIL })],
    ['the name of an alert’s surface', alert({ surfaceId: 'api', surfaceName: EVIL })],
    ['an alert key', alert({ alertKey: EVIL })],
    ['the title of a member', storm({ members: [{ alertKey: 'k', severity: 'P1', title: EVIL }] })],
    ['the key of a member', storm({ members: [{ alertKey: EVIL, severity: 'P1', title: 'One' }] })],
  ])('escape %s', (_, request) => {
    const html = htmlOf(request);
    expect(html).toContain(EVIL_ESCAPED);
    expect(html).not.toContain('<img');
  });

  test('escape the error of a check', () => {
    const lastCheck = { at: new Date(), outcome: 'down', latencyMs: null, httpStatus: null, error: EVIL };
    expect(compose(click(), { lastCheck }).html).toContain(EVIL_ESCAPED);
  });

  test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', ' https://x', 'file:///etc/passwd'])(
    'show the URL %j as text and never as a link',
    (url) => {
      const html = htmlOf(alert({ url }));
      expect(html).toContain(`Link from the sender: ${url}`);
      expect([...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)).toStrictEqual([
        'https://console.example.com/console/alerts?q=prom%3Aa3f9b812',
      ]);
    },
  );

  test.each([
    ['endless details', alert({ details: '"'.repeat(20_000) })],
    ['endless details of many bytes', alert({ details: '漢'.repeat(20_000) })],
    [
      'a thousand long members',
      storm({
        count: 1_000,
        members: Array(1_000).fill({ alertKey: 'k'.repeat(79), severity: 'P1', title: '"'.repeat(500) }),
      }),
    ],
  ])('with %s keep their marker within the 100 KiB that FreeScout shows', (_, request) => {
    const { html } = compose(request);
    expect(html.indexOf(`Reference ${MARKER}`)).toBeGreaterThan(-1);
    expect(Buffer.byteLength(html.slice(0, html.indexOf(`Reference ${MARKER}`)))).toBeLessThan(100 * 1024);
  });
});

describe('notes', () => {
  const at = '2026-05-05T15:00:00.000Z';
  test.each<[NoteAbout, string]>([
    [
      { what: 'recovered', name: EVIL, since: null, at },
      'is operational again, as of 2026-05-05 15:00:00 UTC. This ticket stays open',
    ],
    [{ what: 'resolved', alertKey: 'k', title: EVIL, at, reason: EVIL }, 'Resolved at 2026-05-05 15:00:00 UTC: '],
    [
      { what: 'continued', alertKey: 'k', severity: 'P1', title: EVIL, since: at, endedAt: at },
      `${EVIL_ESCAPED}. It had been over since 2026-05-05 15:00:00 UTC. This ticket was still open`,
    ],
    [
      { what: 'continued', alertKey: 'k', severity: 'P1', title: EVIL, since: at, endedAt: '' },
      `Active again since 2026-05-05 15:00:00 UTC: <b>P1</b> ${EVIL_ESCAPED}. This ticket was still open`,
    ],
    [
      { what: 'severity', alertKey: 'k', severity: 'P1', title: EVIL, at },
      'Now <b>P1</b>, as of 2026-05-05 15:00:00 UTC: ',
    ],
    [
      { what: 'members', source: 'prom', count: 3, members: [{ alertKey: 'k', severity: 'P2', title: EVIL }], at },
      '3 alerts from prom are on this ticket',
    ],
  ])('escape foreign text: %j', (about, sentence) => {
    expect(composeNote(about)).toContain(sentence);
    expect(composeNote(about)).toContain(EVIL_ESCAPED);
    expect(composeNote(about)).not.toContain('<img');
  });
});

test.each<[number, string]>([
  [6, '6 alerts are on this ticket, each counted as often as it joined.'],
  [1, '1 alert is on this ticket.'],
])('the note that ends a storm says what it counts: %i', (count, sentence) => {
  const at = '2026-05-05T15:00:00.000Z';
  expect(composeNote({ what: 'calm', source: 'prom', count, since: at, at })).toContain(sentence);
});

test('a note that lists alerts of a storm says what it counts', () => {
  const at = '2026-05-05T15:00:00.000Z';
  const members = [{ alertKey: 'k', severity: 'P2', title: 'Slow' } as const];
  expect(composeNote({ what: 'members', source: 'prom', count: 3, members, at })).toContain(
    '3 alerts from prom are on this ticket as of 2026-05-05 15:00:00 UTC, each counted as often as it joined. New since',
  );
});

test('a ticket has exactly two tags, of the surface or of the source', () => {
  expect(tagsOf(click())).toStrictEqual(['auto:status', 'auto:status:api-prod']);
  expect(tagsOf(alert())).toStrictEqual(['auto:alert', 'auto:alert:prom']);
  expect(tagsOf(storm())).toStrictEqual(['auto:alert', 'auto:alert:prom']);
});

test('a note of a kind that only another release knows is refused instead of being posted as "undefined"', () => {
  expect(() => composeNote({ what: 'weather' } as never)).toThrow('does not know the note "weather"');
});

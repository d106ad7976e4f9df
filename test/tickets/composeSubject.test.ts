import { expect, test } from 'vitest';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { composeTicket } from '../../src/tickets/composeTicket.ts';
import { alert, click, MARKER, storm } from '../support/requests.ts';

/** People and the program find tickets by their subjects. */

const around = { consoleUrl: 'https://console.example.com', earlier: null, lastCheck: null };
const subjectOf = (request: FilingRequest) => composeTicket({ marker: MARKER, request }, around).subject;

test('the subject of a click has marker, status, name and id', () => {
  expect(subjectOf(click())).toBe('[AT-9F3C2A71QZ] DOWN: API (production) (api-prod)');
  expect(subjectOf(click({ status: 'DEGRADED' }))).toBe('[AT-9F3C2A71QZ] DEGRADED: API (production) (api-prod)');
});

test('the subject of an alert has marker, severity and title', () => {
  expect(subjectOf(alert())).toBe('[AT-9F3C2A71QZ] P1: Disk is full');
});

test('the subject of an alert about a surface has its id, and its name unless the title contains it', () => {
  const surface = { surfaceId: 'api-prod', surfaceName: 'API' };
  expect(subjectOf(alert(surface))).toBe('[AT-9F3C2A71QZ] P1: Disk is full - API (api-prod)');
  expect(subjectOf(alert({ ...surface, title: 'API is DOWN' }))).toBe('[AT-9F3C2A71QZ] P1: API is DOWN (api-prod)');
});

test('the subject of a storm has marker and source', () => {
  expect(subjectOf(storm())).toBe('[AT-9F3C2A71QZ] STORM: many alerts from prom');
});

test.each([
  ['a long name', click({ surfaceName: 'n'.repeat(500) }), /^\[AT-9F3C2A71QZ\] DOWN: n+… \(api-prod\)$/],
  ['a long name and a long id', click({ surfaceName: 'n'.repeat(500), surfaceId: 'i'.repeat(63) }), / \(i{63}\)$/],
  ['a long title', alert({ title: 't'.repeat(500) }), /^\[AT-9F3C2A71QZ\] P1: t+…$/],
  [
    'a long title of a surface',
    alert({ title: 't'.repeat(500), surfaceId: 'api', surfaceName: 'Our API' }),
    /… - Our API \(api\)$/,
  ],
  [
    'a long title that ends with the name',
    alert({ title: `${'t'.repeat(500)} Our API`, surfaceId: 'api', surfaceName: 'Our API' }),
    /… - Our API \(api\)$/,
  ],
  [
    'a long title, a long name, a long id',
    alert({ title: 't'.repeat(500), surfaceId: 'i'.repeat(63), surfaceName: 'n'.repeat(200) }),
    /t… - n+… \(i{63}\)$/,
  ],
])('a subject with %s has at most 200 characters and keeps marker and id', (_, request, expected) => {
  const subject = subjectOf(request);
  expect([...subject].length).toBeLessThanOrEqual(200);
  expect(subject).toMatch(expected);
  expect(subject.startsWith(`[${MARKER}] `)).toBe(true);
});

test('a subject is never cut within a character', () => {
  for (const filler of ['', 'x']) {
    const subject = subjectOf(click({ surfaceName: `${filler}${'😀'.repeat(300)}` }));
    expect(subject).not.toMatch(/\p{Surrogate}/u);
  }
});

test('a subject is one line without control characters', () => {
  expect(subjectOf(alert({ title: 'one\r\ntwo\tthree\u0007four\u2028five' }))).toBe(
    '[AT-9F3C2A71QZ] P1: one two three four five',
  );
});

import { expect, test } from 'vitest';
import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { composeTicket } from '../../src/tickets/composeTicket.ts';
import { alert, click, MARKER, storm } from '../support/requests.ts';

/** Subjects: found by their marker, by people and by machines. */

const around = { consoleUrl: 'https://console.example.com', earlier: null, lastCheck: null };
const subjectOf = (request: FilingRequest) => composeTicket({ marker: MARKER, request }, around).subject;

test('subjects of clicks: marker, status, name and id', () => {
  expect(subjectOf(click())).toBe('[AT-9F3C2A71QZ] DOWN: API (production) (api-prod)');
  expect(subjectOf(click({ status: 'DEGRADED' }))).toBe('[AT-9F3C2A71QZ] DEGRADED: API (production) (api-prod)');
});

test('subjects of alerts: marker, severity and title', () => {
  expect(subjectOf(alert())).toBe('[AT-9F3C2A71QZ] P1: Disk is full');
});

test('subjects of alerts about a surface: its name and id too, the name only where the title lacks it', () => {
  const surface = { surfaceId: 'api-prod', surfaceName: 'API' };
  expect(subjectOf(alert(surface))).toBe('[AT-9F3C2A71QZ] P1: Disk is full - API (api-prod)');
  expect(subjectOf(alert({ ...surface, title: 'API is DOWN' }))).toBe('[AT-9F3C2A71QZ] P1: API is DOWN (api-prod)');
});

test('subjects of storms: marker and source', () => {
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
])('subjects with %s hold at most 200 characters and keep marker and id', (_, request, expected) => {
  const subject = subjectOf(request);
  expect([...subject].length).toBeLessThanOrEqual(200);
  expect(subject).toMatch(expected);
  expect(subject.startsWith(`[${MARKER}] `)).toBe(true);
});

test('subjects are cut between two characters, never within one', () => {
  for (const filler of ['', 'x']) {
    const subject = subjectOf(click({ surfaceName: `${filler}${'😀'.repeat(300)}` }));
    expect(subject).not.toMatch(/\p{Surrogate}/u);
  }
});

test('subjects are one line without control characters', () => {
  expect(subjectOf(alert({ title: 'one\r\ntwo\tthree\u0007four\u2028five' }))).toBe(
    '[AT-9F3C2A71QZ] P1: one two three four five',
  );
});

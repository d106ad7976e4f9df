import { expect, it } from 'vitest';
import { alertKeyOf, fromSender, fromSurface, NOT_SUPPRESSED, outageAlertId } from '../../src/alerts/emission.ts';

const policy = {
  autoTicket: true,
  isSilenced: () => false,
  suppressionOf: () => NOT_SUPPRESSED,
  flapMaxEpisodes: 5,
  flapWindowMs: 600_000,
  reopenWithinMs: () => 0,
  escalateAfterMs: () => null,
};
const input = { alert_id: 'abcdefghijklmnopqrst', severity: 'P2', status: 'firing', title: 'Disk' } as const;

it('an alert key is the source and the first sixteen characters of the id', () => {
  expect(alertKeyOf('monitor', 'abcdefghijklmnopqrst')).toBe('monitor:abcdefghijklmnop');
  expect(alertKeyOf('monitor', 'short')).toBe('monitor:short');
});

it('a character of two units counts as one in an alert key, and is never cut in half', () => {
  expect(alertKeyOf('monitor', '🚒'.repeat(20))).toBe(`monitor:${'🚒'.repeat(16)}`);
  expect(alertKeyOf('monitor', 'abcdefghijklmno🚒pq')).toBe('monitor:abcdefghijklmno🚒');
  expect(alertKeyOf('monitor', 'abcdefghijklmnop🚒')).toBe('monitor:abcdefghijklmnop');
  expect(alertKeyOf('monitor', '🚒'.repeat(8))).toBe(`monitor:${'🚒'.repeat(8)}`);
});

it('a repeated emission produces an equal message', () => {
  expect(fromSender('monitor', input, null, policy)).toEqual(fromSender('monitor', { ...input }, null, { ...policy }));
});

it('characters that neither the database nor a ticket can store are replaced', () => {
  const title = 'a\u0000b\ud800c\td\u001be';
  expect(fromSender('monitor', { ...input, title, details: title }, null, policy).event).toMatchObject({
    title: 'a b c\td e',
    details: 'a b c\td e',
  });
});

it('a repeated resolution produces an equal message', () => {
  expect(fromSender('monitor', { ...input, status: 'resolved' }, null, policy)).toEqual({
    to: 'alert:monitor:abcdefghijklmnop',
    event: { type: 'RESOLVED', alertId: 'abcdefghijklmnopqrst', reason: null },
  });
});

it('outages of two surfaces, or two outages of one, have different ids', () => {
  const ids = [
    outageAlertId('a', '2026-05-05T00:00:00.000Z'),
    outageAlertId('b', '2026-05-05T00:00:00.000Z'),
    outageAlertId('a', '2026-05-05T00:00:00.001Z'),
  ];
  expect(new Set(ids.map((id) => id.slice(0, 16))).size).toBe(3);
});

it('emissions of surfaces have the source status_poller', () => {
  const emission = {
    surfaceId: 'api',
    surfaceName: 'API',
    confirmedAt: '2026-05-05T00:00:00.000Z',
    status: 'firing',
    severity: 'P1',
    title: 'API is DOWN',
    details: null,
    reason: null,
  } as const;
  const id = outageAlertId('api', emission.confirmedAt);
  expect(fromSurface(emission, policy)).toMatchObject({
    to: `alert:status_poller:${id.slice(0, 16)}`,
    event: { type: 'EMITTED', alertId: id, surfaceId: 'api', surfaceName: 'API', held: null, under: [] },
  });
});

import { expect, it } from 'vitest';
import type { FilingIntent } from '../../machines/shared/protocol.ts';
import { createVirtualClock } from '../../src/replay/clock.ts';
import { createTicketLog } from '../../src/replay/ticketLog.ts';

/** A log in which each source has two tickets of its own in ten minutes, and all sources together three. */
function startLog({ shadow = '', silent = '' } = {}) {
  const clock = createVirtualClock(Date.parse('2026-01-01T00:00:00.000Z'));
  const log = createTicketLog({
    clock,
    suppressionNow: () => ({ of: (_, surfaceId) => ({ held: surfaceId === 'api' ? 'maintenance' : null, under: [] }) }),
    inShadow: (source) => source === shadow,
    isSilent: (_, alertKey) => alertKey === silent,
    stormLimits: () => ({ maxTickets: 2, maxTicketsTotal: 3, windowMinutes: 10 }),
  });
  async function file(alertKey: string, surfaceId: string | null = null): Promise<string> {
    const source = alertKey.slice(0, alertKey.indexOf(':'));
    const request = { path: 'alert', alertKey, source, surfaceId, severity: 'P1', title: 'Trouble', since: alertKey };
    log.intended({ filingId: alertKey, request } as unknown as FilingIntent);
    const result = await log.file({ filingId: alertKey, probe: false });
    return 'reason' in result ? String(result.reason) : result.outcome;
  }
  return { log, file, pass: (minutes: number) => clock.runUntil(clock.now() + minutes * 60_000) };
}

it('a replay has the storm limits of each source and of all, and slots are free again after the window', async () => {
  const { file, pass } = startLog();
  const filed = [];
  for (const key of ['a:1', 'a:2', 'a:3', 'b:1', 'b:2']) filed.push(await file(key));
  expect(filed).toEqual(['filed', 'filed', 'storm', 'filed', 'storm']);
  await pass(11);
  expect(await file('a:4')).toBe('filed');
});

it('a replay refuses silent and suppressed alerts, and logs those in shadow mode without a slot', async () => {
  const { log, file } = startLog({ shadow: 'tried', silent: 'a:silent' });
  expect([await file('a:silent'), await file('a:held', 'api')]).toEqual(['silent', 'maintenance']);
  for (const key of ['tried:1', 'tried:2', 'tried:3']) expect(await file(key)).toBe('shadow');
  expect(await file('a:1')).toBe('filed');
  expect(log.tickets.map(({ alertKey, shadow }) => [alertKey, shadow])).toEqual([
    ['tried:1', true],
    ['tried:2', true],
    ['tried:3', true],
    ['a:1', false],
  ]);
});

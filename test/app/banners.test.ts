import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { banners } from '../../src/app/banners.ts';
import { readConfig } from '../../src/config/config.ts';
import type { FlagState } from '../../src/model/operations.ts';
import { holdForNewer } from '../support/holdForNewer.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

/** What is wrong, what to do, and where: the warnings at the top of pages. */

let reading: ManualEnvironment;
beforeEach(async () => {
  reading = await startManualEnvironment();
});
afterEach(() => reading.drop());

const ALERTS = 'FLAG_CONSOLE_ALERTS_AUTO_TICKET';
const flag = (name: string, change: Partial<FlagState> = {}): FlagState => ({
  name,
  enabled: false,
  forced_off: false,
  changed_at: '2026-05-05T14:32:17.000Z',
  changed_by: 'olga',
  ...change,
});

const shown = (flags: FlagState[] = [], isWorker = true, config = readConfig({})) =>
  banners({ pool: reading.pool, config, flags: { list: async () => flags }, isWorker });
/** Those about this subject. */
const about = async (word: string, ...given: Parameters<typeof shown>) =>
  (await shown(...given)).filter(({ text }) => text.includes(word));

describe('without a worker', () => {
  it('a banner says so, except to a process that is one, and while somebody checks surfaces', async () => {
    const [banner] = await about('No worker', [], false);
    expect(banner?.advice).toBe('To resume, start a worker ("auto-ticketing worker" or "npm start").');
    const [inProduction] = await about('No worker', [], false, { ...readConfig({}), production: true });
    expect(inProduction?.advice).toBe('To resume, start "auto-ticketing worker".');
    expect(await about('No worker', [], true)).toEqual([]);
    await reading.surfaces({ id: 'web' });
    await reading.check('web', 'up');
    expect(await about('No worker', [], false)).toEqual([]);
    await reading.pool.query("update surfaces set checked_at = checked_at - interval '1 hour'");
    expect(await about('No worker', [], false)).toHaveLength(1);
  });
});

describe('a flag that is off', () => {
  it('is named with the time, the person and the number of alerts that have no ticket because of it', async () => {
    const held = [
      ['a:1', 'P1', 'flag_off', null],
      ['a:2', 'P1', 'flag_off', null],
      ['a:3', 'P2', 'flag_off', null],
      ['a:4', 'P1', 'maintenance', null],
      ['a:5', 'P1', 'flag_off', 'ended'],
    ];
    const off = 'Tickets for alerts are off since 2026-05-05 14:32 UTC, by olga';
    expect((await about('Tickets', [flag(ALERTS)]))[0]?.text).toBe(`${off}: no active alert waits for one.`);
    for (const [key, severity, reason, over] of held) {
      await reading.pool.query(
        `insert into held_alerts (alert_key, episode, source, severity, title, since, reason, held_at, over, over_at)
         values ($1, 1, 'a', $2, 'Disk', now(), $3, now(), $4, case when $4::text is not null then now() end)`,
        [key, severity, reason, over],
      );
    }
    expect(await about('Tickets', [flag(ALERTS)])).toEqual([
      {
        text: `${off}: 2 P1 and 1 P2 alerts have no ticket.`,
        advice: expect.stringContaining('An admin can turn them on'),
        link: { href: '/console/flags', label: 'Flags' },
        sections: ['status', 'alerts'],
      },
    ]);
    expect(await about('Tickets', [flag(ALERTS, { enabled: true })])).toEqual([]);
  });

  it.each<[string, Partial<FlagState>, string]>([
    ['by default', { changed_at: null, changed_by: null }, 'Investigate is off by default: no ticket can be filed'],
    ['by the environment', { forced_off: true }, 'Investigate is off because the environment variable FLAG_CONSOLE_'],
  ])('is said to be off %s', async (_name, change, text) => {
    const [banner] = await about('Investigate', [flag('FLAG_CONSOLE_INVESTIGATE_FROM_STATUS', change)]);
    expect(banner?.text).toContain(text);
    expect(banner?.advice).toMatch(change.forced_off ? /Remove the variable/ : /An admin can turn it on/);
  });
});

it('what is not configured and what failed says what to do and where', async () => {
  await reading.pool.query(
    `insert into effects (id, actor_id, child_id, src, input, status, finished_at)
     values ('dead:1', 'alert:a:1', 'dm', 'sendDm', '{}', 'dead', now())`,
  );
  expect(await about('FreeScout is not configured')).toMatchObject([
    {
      text: 'FreeScout is not configured: no ticket can be filed.',
      advice:
        'Set FREESCOUT_BASE_URL, FREESCOUT_API_KEY, FREESCOUT_OPERATIONS_MAILBOX_ID. "auto-ticketing doctor" checks the settings.',
    },
  ]);
  expect(await about('1 delivery failed')).toMatchObject([
    {
      advice: 'Fix the error that each one names, then replay or discard it.',
      link: { href: '/console/dead-letters' },
    },
  ]);
});

it('a parked actor is a bug, of which the developers need the log lines', async () => {
  await reading.pool.query(
    `insert into actors (id, kind, version, rev, state, snapshot, parked)
     values ('alert:a:1', 'alert', 1, 1, '{}', '{}', 'it cannot be restored')`,
  );
  expect(await about('1 actor is parked')).toMatchObject([
    {
      advice: 'This is a bug: keep the rows, and send the developers the log lines "actor parked".',
      link: { href: '/console/inspect/actors?state=parked' },
    },
  ]);
});

it('a banner names what waits for a process of a newer release', async () => {
  expect(await about('newer release')).toEqual([]);
  await holdForNewer(reading.pool);
  expect((await about('newer release'))[0]?.text).toContain('1 actor of a newer release (alert 9999) waits');
});

import { expect, it } from 'vitest';
import { windowsAt } from '../../src/surfaces/maintenanceWindows.ts';
import { parseSurfaces, SurfacesFileError } from '../../src/surfaces/surfacesFile.ts';

const planned = (...maintenance: object[]) => {
  const [surface] = parseSurfaces(
    JSON.stringify({ surfaces: [{ id: 'a', name: 'A', url: 'http://127.0.0.1/', maintenance }] }),
    'test',
  );
  if (!surface) throw new Error('no surface');
  return surface;
};
const sunday = { every: 'sunday', from: '02:00', until: '04:00', timezone: 'Europe/Berlin', reason: 'backup' };

/** The windows between two instants, as `windowsAt` reports them one change after the other. */
function walk(windows: ReturnType<typeof planned>, from: string, until: string): string[] {
  const found: string[] = [];
  for (let at: string | null = from; at !== null && at < until; ) {
    const { current, nextChangeAt } = windowsAt(windows, new Date(at));
    if (current) found.push(`${at.slice(5, 16)} to ${current.until.slice(5, 16)}`);
    at = current ? current.until : nextChangeAt;
  }
  return found;
}

it('a weekly window follows the clock of its time zone through both changes of the clock', () => {
  expect(walk(planned(sunday), '2026-03-16T00:00:00.000Z', '2026-04-06T00:00:00.000Z')).toEqual([
    '03-22T01:00 to 03-22T03:00',
    // The clock jumps from 02:00 to 03:00.
    '03-29T01:00 to 03-29T02:00',
    '04-05T00:00 to 04-05T02:00',
  ]);
  expect(walk(planned(sunday), '2026-10-12T00:00:00.000Z', '2026-11-02T00:00:00.000Z')).toEqual([
    '10-18T00:00 to 10-18T02:00',
    // From 02:00 to 03:00 comes twice.
    '10-25T00:00 to 10-25T03:00',
    '11-01T01:00 to 11-01T03:00',
  ]);
});

it.each([
  ['begins at the jump where its begin is skipped', { from: '02:30', until: '04:00' }, '03-29T01:00 to 03-29T02:00'],
  ['keeps its length where its end is skipped', { from: '01:30', until: '02:30' }, '03-29T00:30 to 03-29T01:30'],
])('a weekly window %s', (_, times, expected) => {
  const windows = planned({ ...sunday, ...times });
  expect(walk(windows, '2026-03-28T12:00:00.000Z', '2026-03-30T00:00:00.000Z')).toEqual([expected]);
});

it('a weekly window that ends at a time of day that comes twice ends at the second', () => {
  const windows = planned({ ...sunday, from: '01:30', until: '02:30' });
  expect(walk(windows, '2026-10-24T12:00:00.000Z', '2026-10-26T00:00:00.000Z')).toEqual(['10-24T23:30 to 10-25T01:30']);
});

it.each([
  [
    'in a zone whose clock changes by half an hour',
    'Australia/Lord_Howe',
    '2026-10-03T00:00:00.000Z',
    '10-03T15:30 to 10-03T17:00',
  ],
  ['in a zone that is ahead of UTC', 'Pacific/Auckland', '2026-06-06T00:00:00.000Z', '06-06T14:00 to 06-06T16:00'],
  ['in a zone that is behind UTC', 'America/Los_Angeles', '2026-06-06T00:00:00.000Z', '06-07T09:00 to 06-07T11:00'],
])('a weekly window %s is on the day of that zone', (_, timezone, from, expected) => {
  const until = new Date(Date.parse(from) + 2 * 86_400_000).toISOString();
  expect(walk(planned({ ...sunday, timezone }), from, until)).toEqual([expected]);
});

it('a window that ends before it begins lasts into the next day', () => {
  const windows = planned({ every: ['Sat'], from: '23:00', until: '01:00', timezone: 'UTC', reason: 'r' });
  expect(walk(windows, '2026-05-04T00:00:00.000Z', '2026-05-11T00:00:00.000Z')).toEqual(['05-09T23:00 to 05-10T01:00']);
  expect(windowsAt(windows, new Date('2026-05-10T00:30:00.000Z')).current).toEqual({
    until: '2026-05-10T01:00:00.000Z',
    reason: 'r',
  });
});

it('a window of every day is found on each of them', () => {
  const windows = planned({ every: 'day', from: '12:00', until: '12:30', timezone: 'UTC', reason: 'r' });
  expect(walk(windows, '2026-05-04T00:00:00.000Z', '2026-05-11T00:00:00.000Z')).toHaveLength(7);
});

it('windows that overlap or follow each other without a gap end with the last of them', () => {
  const windows = planned(
    { from: '2026-05-05T10:00:00Z', until: '2026-05-05T12:00:00Z', reason: 'disks' },
    { from: '2026-05-05T11:00:00Z', until: '2026-05-05T13:00:00Z', reason: 'memory' },
    { from: '2026-05-05T13:00:00Z', until: '2026-05-05T14:00:00Z', reason: 'network' },
    { from: '2026-05-05T15:00:00Z', until: '2026-05-05T16:00:00Z', reason: 'later' },
  );
  expect(walk(windows, '2026-05-05T09:00:00.000Z', '2026-05-06T00:00:00.000Z')).toEqual([
    '05-05T10:00 to 05-05T14:00',
    '05-05T15:00 to 05-05T16:00',
  ]);
});

it.each([
  ['every', 'someday', 'surfaces.0.maintenance.0.every cannot be "someday"; write day, a day of the week'],
  [
    'timezone',
    'Europe/Berln',
    'surfaces.0.maintenance.0.timezone cannot be "Europe/Berln"; write the name of a time zone',
  ],
  ['timezone', 'IST', 'surfaces.0.maintenance.0.timezone cannot be "IST"; write the name of a time zone'],
  ['until', '24:10', 'surfaces.0.maintenance.0.until cannot be "24:10"; write'],
  ['until', '02:00', 'surfaces.0.maintenance.0.until cannot be "02:00"; write'],
])('a weekly window with the wrong %s is refused with its line', (field, value, expected) => {
  expect(() => planned({ ...sunday, [field]: value })).toThrow(SurfacesFileError);
  expect(() => planned({ ...sunday, [field]: value })).toThrow(expected);
});

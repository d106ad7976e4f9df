import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OutageRecord, problemsOf, readOutageRecords } from '../../../src/sandbox/drill/outageRecords.ts';
import { type ManualEnvironment, startManualEnvironment } from '../../support/manualEnvironment.ts';

const KEY = 'status_poller:0123456789abcdef';
const own: OutageRecord = {
  surfaceId: 'web',
  opened: 1,
  recovered: 1,
  alerts: 1,
  alertKey: KEY,
  isActive: false,
  filed: 1,
  stormed: 0,
  ticketId: 7,
  umbrellaId: null,
};
const shared: OutageRecord = { ...own, filed: 0, stormed: 1, ticketId: null, umbrellaId: 50 };
const observed = { tickets: new Set([7, 50]), listed: new Set([KEY]), notified: new Set([KEY]) };

describe('the records of a surface', () => {
  it('an outage with an own ticket or an umbrella ticket has no problems', () => {
    expect(problemsOf(own, { ...observed, listed: new Set() })).toEqual([]);
    expect(problemsOf(shared, observed)).toEqual([]);
  });

  it.each<[string, Partial<OutageRecord>, Partial<typeof observed>?]>([
    ['outage confirmed 0 times', { opened: 0 }],
    ['outage confirmed 2 times', { opened: 2 }],
    ['2 alerts', { alerts: 2 }],
    ['0 decisions in the audit log', { stormed: 0 }],
    ['2 decisions in the audit log', { filed: 1, ticketId: 7 }],
    ['ticket missing', { filed: 1, stormed: 0, ticketId: 8 }],
    ['umbrella ticket missing', { umbrellaId: null }],
    ['umbrella ticket missing', { umbrellaId: 51 }],
    ['not listed on the umbrella ticket', {}, { listed: new Set() }],
    ['not listed in a direct message', {}, { notified: new Set() }],
    ['recovery confirmed 0 times', { recovered: 0 }],
    ['alert still active', { isActive: true }],
  ])('a faulty record of a surface is reported as "%s"', (problem, damage, away = {}) => {
    expect(problemsOf({ ...shared, ...damage }, { ...observed, ...away })).toEqual([problem]);
  });

  it('a surface without any outage has five problems', () => {
    const none = { opened: 0, recovered: 0, alerts: 0, alertKey: null, stormed: 0, umbrellaId: null };
    expect(problemsOf({ ...shared, ...none }, observed)).toHaveLength(5);
  });
});

describe('readOutageRecords', () => {
  let reading: ManualEnvironment;
  beforeEach(async () => {
    reading = await startManualEnvironment();
  });
  afterEach(() => reading.drop());

  it('readOutageRecords returns one record per surface of the surfaces file, in its order', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'api' }, { id: 'calm' });
    await reading.check('web', 'up');
    await reading.check('web', 'down');
    await reading.emit('p:web', { surfaceId: 'web' });
    await reading.file('alert:p:web', 7);
    await reading.check('web', 'up');
    await reading.resolve('p:web');

    // The first check of this surface fails already, and its outage continues.
    await reading.check('api', 'down');
    await reading.emit('p:api', { surfaceId: 'api' });
    await reading.answer('alert:p:api', 'file', { outcome: 'refused', reason: 'storm' });
    await reading.empty('umbrella:p');
    const before = (await readOutageRecords(reading.pool))[1];
    await reading.file('umbrella:p', 50);

    const blank = { opened: 0, recovered: 0, alerts: 0, alertKey: null, isActive: false, filed: 0, stormed: 0 };
    expect(before).toMatchObject({ stormed: 1, umbrellaId: null });
    expect(await readOutageRecords(reading.pool)).toEqual([
      { ...own, surfaceId: 'web', alertKey: 'p:web' },
      { ...shared, surfaceId: 'api', alertKey: 'p:api', recovered: 0, isActive: true },
      { ...blank, surfaceId: 'calm', ticketId: null, umbrellaId: null },
    ]);
  });
});

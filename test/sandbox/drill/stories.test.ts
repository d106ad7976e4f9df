import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacking, readStories, type Story } from '../../../src/sandbox/drill/stories.ts';
import { type ManualEnvironment, startManualEnvironment } from '../../support/manualEnvironment.ts';

const KEY = 'status_poller:0123456789abcdef';
const own: Story = {
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
const shared: Story = { ...own, filed: 0, stormed: 1, ticketId: null, umbrellaId: 50 };
const outside = { tickets: new Set([7, 50]), listed: new Set([KEY]), told: new Set([KEY]) };

describe('a story', () => {
  it('from the outage to the recovery lacks nothing, with a ticket of its own or on the umbrella', () => {
    expect(lacking(own, { ...outside, listed: new Set() })).toEqual([]);
    expect(lacking(shared, outside)).toEqual([]);
  });

  it.each<[string, Partial<Story>, Partial<typeof outside>?]>([
    ['its outage (confirmed 0 times)', { opened: 0 }],
    ['its outage (confirmed 2 times)', { opened: 2 }],
    ['its alert (there are 2)', { alerts: 2 }],
    ['one decision in the audit log (there are 0)', { stormed: 0 }],
    ['one decision in the audit log (there are 2)', { filed: 1, ticketId: 7 }],
    ['its ticket', { filed: 1, stormed: 0, ticketId: 8 }],
    ['the umbrella ticket', { umbrellaId: null }],
    ['the umbrella ticket', { umbrellaId: 51 }],
    ['its name on the umbrella ticket', {}, { listed: new Set() }],
    ['a direct message', {}, { told: new Set() }],
    ['its recovery (confirmed 0 times)', { recovered: 0 }],
    ['the end of its alert', { isActive: true }],
  ])('lacks %s', (what, damage, away = {}) => {
    expect(lacking({ ...shared, ...damage }, { ...outside, ...away })).toEqual([what]);
  });

  it('that never began lacks nearly all', () => {
    const none = { opened: 0, recovered: 0, alerts: 0, alertKey: null, stormed: 0, umbrellaId: null };
    expect(lacking({ ...shared, ...none }, outside)).toHaveLength(5);
  });
});

describe('what the program wrote down', () => {
  let reading: ManualEnvironment;
  beforeEach(async () => {
    reading = await startManualEnvironment();
  });
  afterEach(() => reading.drop());

  it('is read for each surface of the file, in one statement', async () => {
    await reading.surfaces({ id: 'web' }, { id: 'api' }, { id: 'calm' });
    await reading.check('web', 'up');
    await reading.check('web', 'down');
    await reading.emit('p:web', { surfaceId: 'web' });
    await reading.file('alert:p:web', 7);
    await reading.check('web', 'up');
    await reading.resolve('p:web');

    // The very first check of this one is bad already, and it is not over.
    await reading.check('api', 'down');
    await reading.emit('p:api', { surfaceId: 'api' });
    await reading.answer('alert:p:api', 'file', { outcome: 'refused', reason: 'storm' });
    await reading.empty('umbrella:p');
    const before = (await readStories(reading.pool))[1];
    await reading.file('umbrella:p', 50);

    const blank = { opened: 0, recovered: 0, alerts: 0, alertKey: null, isActive: false, filed: 0, stormed: 0 };
    expect(before).toMatchObject({ stormed: 1, umbrellaId: null });
    expect(await readStories(reading.pool)).toEqual([
      { ...own, surfaceId: 'web', alertKey: 'p:web' },
      { ...shared, surfaceId: 'api', alertKey: 'p:api', recovered: 0, isActive: true },
      { ...blank, surfaceId: 'calm', ticketId: null, umbrellaId: null },
    ]);
  });
});

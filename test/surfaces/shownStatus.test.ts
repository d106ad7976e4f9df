import { afterAll, beforeAll, expect, it } from 'vitest';
import { readShownStatus } from '../../src/surfaces/shownStatus.ts';
import { readStatusGrid } from '../../src/surfaces/statusGrid.ts';
import { type ManualEnvironment, startManualEnvironment } from '../support/manualEnvironment.ts';

let reading: ManualEnvironment;
beforeAll(async () => {
  reading = await startManualEnvironment();
});
afterAll(() => reading.drop());

const pollIntervalSeconds = 30;
const shown = (id: string) => readShownStatus(reading.pool, pollIntervalSeconds, id);

it('the status of one surface is the one that the grid shows', async () => {
  const ids = ['web', 'api', 'db', 'mail', 'late', 'parked', 'new'];
  await reading.surfaces(...ids.map((id) => ({ id })));
  await reading.check('web', 'up');
  await reading.check('api', 'slow');
  for (const id of ['db', 'mail', 'parked']) await reading.check(id, 'down');
  await reading.check('late', 'down', 125);
  const maintenance = { type: 'MAINTENANCE_SET', until: '2999-01-01T00:00:00.000Z', reason: 'new disks', by: 'mia' };
  await reading.deliver([{ to: 'surface:mail', event: maintenance }]);
  await reading.pool.query("update actors set parked = 'event CHECKED failed' where id = 'surface:parked'");
  const statuses = await Promise.all(ids.map(shown));
  expect(statuses).toEqual(['OPERATIONAL', 'DEGRADED', 'DOWN', 'MAINTENANCE', 'UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
  const { surfaces } = await readStatusGrid(reading.pool, { pollIntervalSeconds });
  expect(surfaces.map(({ status }) => status)).toEqual(statuses);
});

it('a surface that is not in the file, or is no longer in it, has no status', async () => {
  await reading.surfaces({ id: 'kept' }, { id: 'removed' });
  await reading.surfaces({ id: 'kept' });
  expect(await Promise.all(['kept', 'removed', 'unheard-of'].map(shown))).toEqual(['UNKNOWN', null, null]);
});

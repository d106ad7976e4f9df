import { expect, it } from 'vitest';
import type { Delivered } from '../../src/actors/messages.ts';
import { createActivityLog } from '../../src/app/activityLog.ts';
import { createMetrics } from '../../src/app/metrics.ts';
import { createLog } from '../../src/log/log.ts';

const delivered = (to: string, applied: Delivered['applied']): Delivered => ({
  ...{ message: { to, event: { type: 'EMITTED' } }, applied },
  ...{ snapshot: null, rev: 1, actions: [], before: null },
});

it('events of one delivery are counted by kind of actor and result', async () => {
  const metrics = createMetrics();
  const onDelivered = createActivityLog(createLog({ level: 'silent' }), metrics);
  onDelivered([
    delivered('alert:monitor:one', 'unchanged'),
    delivered('alert:monitor:two', 'duplicate'),
    delivered('surface:api', 'unchanged'),
    delivered('alert:monitor:three', 'unchanged'),
  ]);
  onDelivered([delivered('alert:monitor:one', 'unchanged')]);
  const { values } = await metrics.deliveries.get();
  expect(Object.fromEntries(values.map(({ labels, value }) => [`${labels.kind} ${labels.applied}`, value]))).toEqual({
    'alert unchanged': 3,
    'alert duplicate': 1,
    'surface unchanged': 1,
  });
});

import { expect, it } from 'vitest';
import type { Delivered } from '../../../src/actors/messages.ts';
import type { PastResolution } from '../../../src/alerts/resolutions/order.ts';
import { createResolutions } from '../../../src/alerts/resolutions/resolutions.ts';
import { fullKey } from '../../../src/alerts/resolutions/store.ts';
import type { EmissionInput } from '../../../src/model/alerts.ts';

/** Several emissions of one id in one request, and a resolution that the sender sent at 14:11. */

const minute = (n: number): string => new Date(Date.UTC(2026, 4, 5, 14) + n * 60_000).toISOString();
const emission = (n: number): EmissionInput => ({
  ...{ alert_id: 'disk', severity: 'P1', status: 'firing', title: 'Disk full', at: minute(n) },
});
const opened = {
  message: { to: 'alert:monitor:disk', event: { type: 'EMITTED', alertId: 'disk' } },
  before: { context: { active: false } },
  snapshot: { context: { active: true } },
} as unknown as Delivered;

/** `past` has what was recorded when it is read. */
const resolutionsOf = (past: Map<string, PastResolution>) =>
  createResolutions({ keyStates: async () => new Map(), record: async () => new Map(), past: async () => past });
const record = (past: Map<string, PastResolution>) =>
  past.set(fullKey('monitor:disk', 'disk'), {
    ...{ sentAt: new Date(minute(11)), arrivedAt: null, ageMs: 0, wasActive: true },
  });

it('each emission of a request is compared with an earlier resolution', async () => {
  const past = record(new Map());
  const sent = [9, 10, 12].map(emission);
  const { isOutOfOrder } = await resolutionsOf(past).judge('monitor', sent);
  expect(sent.map(isOutOfOrder)).toEqual([true, true, false]);
});

it.each([
  ['ends the alert once, where it overtook all its emissions in a request', [9, 10], 1],
  ['ends nothing, where the request has a newer emission', [10, 12], 0],
])('a resolution that arrives during the delivery %s', async (_, emitted, ends) => {
  const past = new Map<string, PastResolution>();
  const { judge, missedEnds } = resolutionsOf(past);
  const judgement = await judge('monitor', emitted.map(emission));
  record(past);
  const end = { to: 'alert:monitor:disk', event: { type: 'RESOLVED', alertId: 'disk', reason: null } };
  expect(await missedEnds(judgement, [opened])).toEqual(Array.from({ length: ends }, () => end));
});

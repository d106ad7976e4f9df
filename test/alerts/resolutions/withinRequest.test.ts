import { expect, it } from 'vitest';
import { PartlyIngested } from '../../../src/alerts/partlyIngested.ts';
import { inOrderOfTimes } from '../../../src/alerts/resolutions/withinRequest.ts';
import type { EmissionInput, EmissionState } from '../../../src/model/alerts.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 4, 5, 14) + n * 60_000).toISOString();
const ahead = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();
const says = (title: string, more: Partial<EmissionInput> = {}): EmissionInput => ({
  ...{ alert_id: 'disk', severity: 'P1', status: 'firing', title, ...more },
});
const fires = (title: string, more: Partial<EmissionInput> = {}) => says(title, more);
const ends = (title: string, more: Partial<EmissionInput> = {}) => says(title, { status: 'resolved', ...more });
const named = (title: string): EmissionState => ({ alert_key: `monitor:${title}`, state: 'firing' });

/** The titles in the order in which their alerts are ingested. */
async function ingested(alerts: EmissionInput[]): Promise<string[]> {
  let order: string[] = [];
  const { ingest } = inOrderOfTimes({
    async ingest(_, ordered) {
      order = ordered.map(({ title }) => title);
      return { accepted: ordered.length, alerts: order.map(named) };
    },
  });
  const answer = await ingest('monitor', alerts);
  // Whatever the order, each answer is about the alert in its place.
  expect(answer).toEqual({ accepted: alerts.length, alerts: alerts.map(({ title }) => named(title)) });
  return order;
}

it.each<[what: string, alerts: EmissionInput[], order: string]>([
  ['sent newest first', [ends('b', { at: minute(5) }), fires('a', { at: minute(0) })], 'ab'],
  ['sent oldest first', [fires('a', { at: minute(0) }), ends('b', { at: minute(5) })], 'ab'],
  ['mixed', [fires('b', { at: minute(2) }), ends('c', { at: minute(3) }), fires('a', { at: minute(1) })], 'abc'],
  ['sent at one time', [ends('a', { at: minute(5) }), fires('b', { at: minute(5) })], 'ab'],
  [
    'sent newest first, two of them at one time',
    [ends('c', { at: minute(5) }), fires('b', { at: minute(5) }), fires('a', { at: minute(0) })],
    'abc',
  ],
  [
    'whose times differ in what they are',
    [ends('b', { at: minute(5), ends_at: minute(1) }), fires('a', { at: minute(0), starts_at: minute(2) })],
    'ab',
  ],
  ['with a beginning and an end', [ends('b', { ends_at: minute(5) }), fires('a', { starts_at: minute(0) })], 'ab'],
  [
    'that fire again with the beginning of the first time',
    [fires('a', { starts_at: minute(0) }), ends('b', { ends_at: minute(5) }), fires('c', { starts_at: minute(0) })],
    'abc',
  ],
  ['without times', [ends('a'), fires('b')], 'ab'],
  ['of which one has no time', [ends('a', { at: minute(5) }), fires('b')], 'ab'],
  [
    'whose times cannot be compared',
    [ends('a', { ends_at: minute(5) }), fires('b', { at: minute(0), ends_at: minute(0) })],
    'ab',
  ],
  ['one of which has a time in the future', [fires('a', { at: ahead(1) }), ends('b', { at: ahead(0) })], 'ab'],
])('alerts of one id in a request are put into the order of their times: %s', async (_, alerts, order) => {
  expect((await ingested(alerts)).join('')).toBe(order);
});

it('alerts of several ids keep the places of their id', async () => {
  const disk = (n: number) => fires(`disk ${n}`, { at: minute(n) });
  const other = (n: number) => fires(`other ${n}`, { alert_id: 'other', at: minute(n) });
  const single = fires('single', { alert_id: 'single', at: minute(0) });
  expect(await ingested([disk(4), other(9), single, disk(3), disk(2), other(1)])).toEqual([
    ...['disk 2', 'other 1', 'single', 'disk 3', 'disk 4', 'other 9'],
  ]);
});

it('where some alerts could not be stored, each state is that of the alert in its place', async () => {
  const cause = new Error('canceling statement due to lock timeout');
  const { ingest } = inOrderOfTimes({
    async ingest(_, ordered) {
      throw new PartlyIngested(
        ordered.map(({ title }) => (title === 'older' ? null : named(title))),
        cause,
      );
    },
  });
  const sent = [fires('newer', { at: minute(5) }), fires('older', { at: minute(0) })];
  const error = await ingest('monitor', sent).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(PartlyIngested);
  expect(error).toMatchObject({ states: [named('newer'), null], cause });
});

import { describe, expect, it } from 'vitest';
import {
  isEndMissing,
  isLate,
  isOutdated,
  isOvertaken,
  type LastEmission,
  type PastResolution,
} from '../../../src/alerts/resolutions/order.ts';
import type { EmissionInput } from '../../../src/model/alerts.ts';

const minute = (n: number): string => new Date(Date.UTC(2026, 4, 5, 14) + n * 60_000).toISOString();
const arrived = (n: number): Date => new Date(minute(n));
const input = (change: Partial<EmissionInput>): EmissionInput => ({
  ...{ alert_id: 'a', severity: 'P1', status: 'firing', title: 'Disk' },
  ...change,
});

describe('whether a resolution overtook an emission', () => {
  const past = (change: Partial<PastResolution>): PastResolution => ({
    ...{ sentAt: null, arrivedAt: null, ageMs: 1_000, wasActive: false },
    ...change,
  });
  it.each<[what: string, emission: Partial<EmissionInput>, resolution: Partial<PastResolution>, overtaken: boolean]>([
    ['without times, of an id that was not active', {}, {}, true],
    ['without times, more than a minute after that', {}, { ageMs: 60_001 }, false],
    ['without times, of an alert that the resolution ended', {}, { wasActive: true }, false],
    ['sent before it', { at: minute(1) }, { sentAt: new Date(minute(2)) }, true],
    ['sent at the same time', { at: minute(2) }, { sentAt: new Date(minute(2)) }, true],
    ['sent after it', { at: minute(3) }, { sentAt: new Date(minute(2)) }, false],
    ['sent before it, hours ago', { at: minute(1) }, { sentAt: new Date(minute(2)), ageMs: 9e6 }, true],
    [
      'sent before it, which ended the alert',
      { at: minute(1) },
      { sentAt: new Date(minute(2)), wasActive: true },
      true,
    ],
    ['that began before it', { starts_at: minute(1) }, { sentAt: new Date(minute(2)) }, true],
    [
      'that began before it, more than a minute after',
      { starts_at: minute(1) },
      { sentAt: new Date(minute(2)), ageMs: 60_001 },
      false,
    ],
    ['that began after it', { starts_at: minute(3) }, { sentAt: new Date(minute(2)) }, false],
    ['that has a time, where the resolution has none', { at: minute(1) }, {}, true],
    ['stored before it, hours ago', { arrived_at: minute(1) }, { arrivedAt: arrived(2), ageMs: 9e6 }, true],
    [
      'stored before it, which ended the alert',
      { arrived_at: minute(1) },
      { arrivedAt: arrived(2), wasActive: true },
      true,
    ],
    ['stored after it, of an id that was not active', { arrived_at: minute(3) }, { arrivedAt: arrived(2) }, false],
    [
      'that has a time, stored after it, where the resolution has none',
      { at: minute(1), arrived_at: minute(3) },
      { arrivedAt: arrived(2) },
      false,
    ],
    [
      'that began at a time, stored after it, where the resolution has none',
      { starts_at: minute(1), arrived_at: minute(3) },
      { arrivedAt: arrived(2) },
      false,
    ],
    [
      'that began and was stored before it, hours ago',
      { starts_at: minute(1), arrived_at: minute(2) },
      { sentAt: new Date(minute(3)), arrivedAt: arrived(4), ageMs: 9e6, wasActive: true },
      true,
    ],
    [
      'that began before it and was stored half a minute after it, hours ago',
      { starts_at: minute(1), arrived_at: minute(4.5) },
      { sentAt: new Date(minute(3)), arrivedAt: arrived(4), ageMs: 9e6 },
      true,
    ],
    [
      'that began before it and was stored half an hour after it, where both waited and are worked on together',
      { starts_at: minute(1), arrived_at: minute(34) },
      { sentAt: new Date(minute(3)), arrivedAt: arrived(4), wasActive: true },
      false,
    ],
    [
      'that was stored before it, and by the times of the sender was sent after it',
      { at: minute(3), arrived_at: minute(3) },
      { sentAt: new Date(minute(2)), arrivedAt: arrived(4) },
      false,
    ],
  ])('%s', (_what, emission, resolution, overtaken) => {
    expect(isOvertaken(input(emission), past(resolution))).toBe(overtaken);
  });
});

describe('whether a resolution is older than the last emission', () => {
  const last = (sent: number | null, started: number | null, stored?: number): LastEmission => ({
    alertId: 'a',
    arrivedAt: stored === undefined ? null : arrived(stored),
    sentAt: sent === null ? null : new Date(minute(sent)),
    startedAt: started === null ? null : new Date(minute(started)),
  });
  it.each<[what: string, resolution: Partial<EmissionInput>, emission: LastEmission | undefined, outdated: boolean]>([
    ['without times', {}, last(5, 5), false],
    ['of an alert without times', { at: minute(1) }, undefined, false],
    ['sent before it', { at: minute(4) }, last(5, null), true],
    ['sent after it', { at: minute(6) }, last(5, null), false],
    ['about a problem that ended before the last emission was sent', { ends_at: minute(4) }, last(5, 1), false],
    ['about a problem that ended before this one began', { ends_at: minute(4) }, last(null, 5), true],
    ['of another full id', { alert_id: 'b', at: minute(4) }, last(5, 5), false],
    ['stored before it', { arrived_at: minute(4) }, last(null, null, 5), true],
    ['stored after it', { arrived_at: minute(6) }, last(null, null, 5), false],
    ['stored after it, where only the emission has a time', { arrived_at: minute(6) }, last(9, 9, 5), false],
    [
      'stored after it, where only the resolution has a time',
      { at: minute(1), arrived_at: minute(6) },
      last(null, null, 5),
      false,
    ],
    [
      'about the same problem, stored an hour before it',
      { ends_at: minute(4), arrived_at: minute(5) },
      last(null, 1, 65),
      true,
    ],
    [
      'about the same problem, stored half a minute before it',
      { ends_at: minute(4), arrived_at: minute(5) },
      last(null, 1, 5.5),
      false,
    ],
    ['stored before it, and sent after it', { at: minute(6), arrived_at: minute(4) }, last(5, null, 5), false],
  ])('%s', (_what, resolution, emission, outdated) => {
    expect(isOutdated(input({ status: 'resolved', ...resolution }), emission)).toBe(outdated);
  });
});

describe('whether an emission is older than the last one', () => {
  const last = (sent: number | null, stored: number | null) => ({
    alertId: 'a',
    sentAt: sent === null ? null : new Date(minute(sent)),
    arrivedAt: stored === null ? null : arrived(stored),
  });
  it.each<[what: string, emission: Partial<EmissionInput>, last: ReturnType<typeof last> | undefined, late: boolean]>([
    ['of an alert that was never seen', { at: minute(1) }, undefined, false],
    ['without times', {}, last(5, 5), false],
    ['sent before it', { at: minute(4) }, last(5, null), true],
    ['sent at the same time', { at: minute(5) }, last(5, null), false],
    ['stored before it', { arrived_at: minute(4) }, last(null, 5), true],
    ['stored again', { arrived_at: minute(5) }, last(null, 5), false],
    ['stored before it, and sent after it', { at: minute(6), arrived_at: minute(4) }, last(5, 5), false],
    ['stored after it, where only one has a time', { at: minute(1), arrived_at: minute(6) }, last(null, 5), false],
    ['of another full id', { alert_id: 'b', at: minute(4) }, last(5, 5), false],
  ])('%s', (_what, emission, newest, late) => {
    expect(isLate(input(emission), newest)).toBe(late);
  });
});

describe('whether the end of an id is missing, after its resolution overtook an emission', () => {
  const state = (ids: string[], sent: number | null, alertId = 'a', stored: number | null = null) => ({
    isActive: ids.length > 0,
    ids,
    last: {
      ...{ alertId, startedAt: null },
      sentAt: sent === null ? null : new Date(minute(sent)),
      arrivedAt: stored === null ? null : arrived(stored),
    },
  });
  it.each<[what: string, state: ReturnType<typeof state> | undefined, resolvedAt: number | null, missing: boolean]>([
    ['of an alert that was never seen', undefined, 3, false],
    ['of an id that has ended', state([], 2), 3, false],
    ['of an id that fires beside another', state(['b'], 2), 3, false],
    ['that the sender has not sent since', state(['a'], 2), 3, true],
    ['that the sender has sent again since', state(['a'], 4), 3, false],
    ['of which only another id has a time', state(['a'], 4, 'b'), 3, true],
    ['without times', state(['a'], null), null, true],
    ['without times, whose last emission was stored before', state(['a'], null, 'a', 3), null, true],
    ['without times, of which an emission was stored since', state(['a'], null, 'a', 5), null, false],
  ])('%s', (_what, known, resolvedAt, missing) => {
    const sentAt = resolvedAt === null ? null : new Date(minute(resolvedAt));
    const resolution = { sentAt, arrivedAt: arrived(4), ageMs: 1_000, wasActive: false };
    expect(isEndMissing(known, 'a', resolution)).toBe(missing);
  });
});

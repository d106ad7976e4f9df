import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/alerts/idChurnBatch.ts';
import type { EmissionInput } from '../../src/model/alerts.ts';

const fingerprint = (change: Partial<EmissionInput>): string =>
  fingerprintOf('monitor', { alert_id: 'a', severity: 'P1', status: 'firing', title: 'Disk full', ...change });

describe('two alerts with the same title', () => {
  it.each([
    ['a measured value', 'Usage is 93 %', 'Usage is 94.5%'],
    ['a time', 'Since 2026-05-05T14:00:00Z', 'Since 2026-05-05T14:00:30.250+02:00'],
    ['a time of day', 'Checked at 14:00.', 'Checked at 14:00:30.'],
    ['a duration', 'No answer within 312 ms', 'No answer within 5 s'],
    ['an amount of data', 'free: 12GiB', 'free: 9 MB'],
    ['a fraction', 'load=7.25', 'load=-0.5'],
  ])('may be one alert if only %s differs', (_what, one, other) => {
    expect(fingerprint({ details: one })).toBe(fingerprint({ details: other }));
    expect(fingerprint({ labels: { note: one } })).toBe(fingerprint({ labels: { note: other } }));
  });

  it.each<[what: string, one: Partial<EmissionInput>, other: Partial<EmissionInput>]>([
    ['a name', { details: 'db-1 does not answer' }, { details: 'db-2 does not answer' }],
    [
      'a number that may be that of a host',
      { details: 'Host 7 does not answer' },
      { details: 'Host 8 does not answer' },
    ],
    ['an address', { details: '10.0.0.7:80 is closed' }, { details: '10.0.0.8:80 is closed' }],
    ['a version', { details: 'v1.2 crashed' }, { details: 'v1.3 crashed' }],
    ['a label', { labels: { host: 'db-1' } }, { labels: { host: 'db-2' } }],
    ['the address of their pages', { url: 'https://a.example/1' }, { url: 'https://a.example/2' }],
    ['whether they have details', { details: '5 s' }, {}],
    ['the surface', { surface_id: 'shop' }, { surface_id: 'cart' }],
  ])('are two if they differ in %s', (_what, one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other));
  });
});

import { describe, expect, it } from 'vitest';
import type { FilingRequest } from '../../../machines/shared/protocol.ts';
import { matches, type SilenceSubject, silenceOf, subjectOfRequest } from '../../../src/alerts/silences/matching.ts';
import { fitsPattern, literal } from '../../../src/alerts/silences/pattern.ts';
import type { SilenceMatchers } from '../../../src/model/silences.ts';

describe('a pattern', () => {
  it.each<[pattern: string, text: string, fits: boolean]>([
    ['db-1', 'db-1', true],
    ['db-1', 'db-10', false],
    ['db-*', 'db-', true],
    ['*', '', true],
    ['*-1', 'db-1', true],
    ['d*1', 'db-1', true],
    ['a*a', 'a', false],
    ['a*b*c', 'a--b--b--c', true],
    ['a*b*c', 'a--c--b', false],
    ['*b*b*', 'abb', true],
    ['*b*b*', 'ab', false],
    ['d.-1', 'db-1', false],
    ['[a-z]+', 'db', false],
    ['50\\*', '50*', true],
    ['50\\*', '500', false],
    ['a\\\\b', 'a\\b', true],
    ['a\\b', 'a\\b', true],
    ['DB-1', 'db-1', false],
    ['*😀', 'db 😀', true],
  ])('the pattern %j fits the text %j: %j', (pattern, text, fits) => {
    expect(fitsPattern(pattern, text)).toBe(fits);
  });

  it('a text is fitted by its own literal pattern only', () => {
    for (const text of ['a*b', '\\*', '\\\\', '50 %', '*']) {
      expect(fitsPattern(literal(text), text)).toBe(true);
      expect(fitsPattern(literal(text), `${text}x`)).toBe(false);
    }
  });

  it('a long pattern is compared with many texts in a moment', () => {
    const pattern = 'a'.repeat(400);
    const startedAt = performance.now();
    let fitting = 0;
    for (let n = 0; n < 300_000; n += 1) if (fitsPattern(pattern, 'b')) fitting += 1;
    expect(fitting).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('a pattern of many stars is matched in a moment', () => {
    const startedAt = performance.now();
    expect(fitsPattern(`${'*a'.repeat(200)}*b`, 'a'.repeat(20_000))).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('a silence', () => {
  const alert: SilenceSubject = {
    alertKey: 'prometheus:1',
    source: 'prometheus',
    surfaceId: 'shop',
    labels: { host: 'db-1', constructor: 'x' },
  };
  it.each<[matchers: SilenceMatchers, does: boolean]>([
    [{ source: 'prometheus' }, true],
    [{ source: 'prom' }, false],
    [{ surface_id: 'shop', source: 'prometheus' }, true],
    [{ surface_id: 'shop', source: 'grafana' }, false],
    [{ alert_key: 'prometheus:*' }, true],
    [{ labels: { host: 'db-*' } }, true],
    [{ labels: { host: 'db-*', team: '*' } }, false],
    [{ labels: { toString: '*' } }, false],
    [{ labels: { constructor: 'x' } }, true],
  ])('a silence of %j matches the alert: %j', (matchers, does) => {
    expect(matches(matchers, alert)).toBe(does);
  });

  it('an alert without a surface or labels is matched by neither', () => {
    const plain = { alertKey: 'a:1', source: 'a', surfaceId: null, labels: null };
    expect([{ surface_id: '*' }, { labels: { host: '*' } }].map((matchers) => matches(matchers, plain))).toEqual([
      false,
      false,
    ]);
  });

  it('an umbrella ticket is silenced with its source only, and a click never', () => {
    const umbrella = subjectOfRequest({ path: 'umbrella', source: 'a' } as FilingRequest) as SilenceSubject;
    expect([{ source: 'a' }, { source: 'a', surface_id: '*' }].map((matchers) => matches(matchers, umbrella))).toEqual([
      true,
      false,
    ]);
    expect(subjectOfRequest({ path: 'investigate' } as FilingRequest)).toBeNull();
  });

  it('of several silences the one that lasts longest counts', () => {
    const silence = { until: '', reason: '', by: '' };
    const first = { ...silence, id: '1', matchers: { source: 'grafana' } };
    const second = { ...silence, id: '2', matchers: { source: 'prometheus' } };
    const third = { ...silence, id: '3', matchers: { surface_id: 'shop' } };
    expect(silenceOf([first, second, third], alert)?.id).toBe('2');
    expect(silenceOf([first], alert)).toBeNull();
  });
});

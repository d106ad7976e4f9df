import { expect, it } from 'vitest';
import { type CheckPolicy, checkedEvent } from '../../src/surfaces/pollerEvents.ts';
import type { CheckResult } from '../../src/surfaces/probe.ts';
import { parseSurfaces } from '../../src/surfaces/surfacesFile.ts';

interface Case {
  /** Of the surface in the file. */
  own?: Record<string, unknown>;
  /** Of the source, or of the program. */
  policy?: CheckPolicy;
  check?: Partial<CheckResult>;
}

/** What the actor of a surface is told of a check. */
function eventOf({ own = {}, policy = {}, check = {} }: Case) {
  const surface = { id: 'api', name: 'API', url: 'http://127.0.0.1:9/', ...own };
  const [config] = parseSurfaces(JSON.stringify({ surfaces: [surface] }), 'test');
  if (!config) throw new Error('no surface was read');
  const at = new Date('2026-05-05T14:00:00Z');
  const result = {
    surface: { id: 'api', config, claimed_at: at },
    check: { surfaceId: 'api', at, outcome: 'up', latencyMs: 1, httpStatus: 200, error: null, ...check } as const,
  };
  return checkedEvent(result, policy).event as Record<string, unknown>;
}

/** In minutes and, for the window that the surface is told, milliseconds. */
it.each<[what: string, own: number | undefined, inherited: number | undefined, window: number | undefined]>([
  ['a surface without a value inherits that of its source', undefined, 30, 1_800_000],
  ['the value of a surface counts first', 5, 30, 300_000],
  ['0 of a surface turns it off', 0, 30, undefined],
  ['no value at all is off', undefined, undefined, undefined],
])('%s', (_what, own, inherited, window) => {
  const policy = inherited === undefined ? {} : { reopenWithinMinutes: inherited };
  expect(eventOf({ own: { reopen_within_minutes: own }, policy }).reopenWithinMs).toBe(window);
});

const FLAP = { maxOutages: 3, windowMs: 3_600_000 };
const TEN_DAYS = '2026-05-15T14:00:00.000Z';
const TWENTY_DAYS = '2026-05-25T14:00:00.000Z';

it.each<[what: string, given: Case, told: Record<string, unknown>]>([
  ['the limit beyond which outages are flapping', { policy: { flap: FLAP } }, { flap: FLAP }],
  ['the window of the file in which half of the checks make it unstable', {}, { unstableWindow: 10 }],
  ['a window of its own', { own: { unstable_window: 6 } }, { unstableWindow: 6 }],
  [
    'that it asked to come back later, and for how long that counts as slow',
    { own: { retry_after_grace_seconds: 120 }, check: { outcome: 'slow', overloaded: true } },
    { outcome: 'slow', overloaded: true, overloadGraceMs: 120_000 },
  ],
  [
    'of a certificate with 10 days left that it expires soon',
    { check: { certificateExpiresAt: TEN_DAYS } },
    { certificate: { expiresAt: TEN_DAYS, soon: true } },
  ],
  [
    'of a certificate with 20 days left that it does not',
    { check: { certificateExpiresAt: TWENTY_DAYS } },
    { certificate: { expiresAt: TWENTY_DAYS, soon: false } },
  ],
  [
    'of a certificate with 20 days left that it does, if the file asks for 30',
    { own: { tls_expiry_days: 30 }, check: { certificateExpiresAt: TWENTY_DAYS } },
    { certificate: { expiresAt: TWENTY_DAYS, soon: true } },
  ],
  [
    'of no certificate that it expires soon, if the file asks for 0 days',
    { own: { tls_expiry_days: 0 }, check: { certificateExpiresAt: TEN_DAYS } },
    { certificate: { expiresAt: TEN_DAYS, soon: false } },
  ],
  ['that it has no certificate, after an answer without TLS', {}, { certificate: null }],
])('a check tells a surface %s', (_what, given, told) => {
  expect(eventOf(given)).toMatchObject(told);
});

it.each(['http://127.0.0.1:9/', 'https://127.0.0.1:9/'])(
  'a check of %s that got no answer tells a surface nothing about its certificate',
  (url) => {
    const check = { outcome: 'down', latencyMs: null, httpStatus: null, error: 'connect ECONNREFUSED' } as const;
    expect(eventOf({ own: { url }, check })).not.toHaveProperty('certificate');
  },
);

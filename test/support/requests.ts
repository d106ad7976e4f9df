import type { AlertRequest, InvestigateRequest, UmbrellaRequest } from '../../machines/shared/protocol.ts';

/** Filing requests with default values. */

export const MARKER = 'AT-9F3C2A71QZ';

export const click = (changes: Partial<InvestigateRequest> = {}): InvestigateRequest => ({
  path: 'investigate',
  surfaceId: 'api-prod',
  surfaceName: 'API (production)',
  status: 'DOWN',
  since: '2026-05-05T14:32:17.123Z',
  by: 'olga',
  ...changes,
});

export const alert = (changes: Partial<AlertRequest> = {}): AlertRequest => ({
  path: 'alert',
  alertKey: 'prom:a3f9b812',
  source: 'prom',
  severity: 'P1',
  title: 'Disk is full',
  details: null,
  url: null,
  surfaceId: null,
  surfaceName: null,
  since: '2026-05-05T14:32:17.123Z',
  ...changes,
});

export const storm = (changes: Partial<UmbrellaRequest> = {}): UmbrellaRequest => ({
  path: 'umbrella',
  source: 'prom',
  since: '2026-05-05T14:32:17.123Z',
  count: 1,
  members: [{ alertKey: 'prom:1', severity: 'P1', title: 'One' }],
  ...changes,
});

/**
 * The states of a demo service. `busy` responds with 503 and Retry-After; the host name in the address of an
 * `unresolvable` one does not exist.
 */
export const SURFACE_STATES = ['healthy', 'slow', 'down', 'busy', 'hanging', 'redirecting', 'unresolvable'] as const;
export type SurfaceState = (typeof SURFACE_STATES)[number];

export interface DemoSurface {
  id: string;
  name: string;
  group: string;
  severity: { degraded: 'P1' | 'P2' | 'P3'; down: 'P1' | 'P2' | 'P3' };
}

export const DEMO_SURFACES: DemoSurface[] = [
  { id: 'api-prod', name: 'API (production)', group: 'Production', severity: { degraded: 'P2', down: 'P1' } },
  { id: 'web-prod', name: 'Web site', group: 'Production', severity: { degraded: 'P2', down: 'P1' } },
  { id: 'payments', name: 'Payments', group: 'Production', severity: { degraded: 'P1', down: 'P1' } },
  { id: 'auth', name: 'Sign-in', group: 'Production', severity: { degraded: 'P2', down: 'P1' } },
  { id: 'search', name: 'Search', group: 'Supporting', severity: { degraded: 'P3', down: 'P2' } },
  { id: 'emails', name: 'E-mail delivery', group: 'Supporting', severity: { degraded: 'P3', down: 'P3' } },
];

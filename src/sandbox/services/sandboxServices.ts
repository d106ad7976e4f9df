import { SERVICE_FAULTS } from '../commonFaults.ts';
import { createFaults } from '../faultSwitches.ts';
import type { SandboxLog } from '../httpListener.ts';
import { openStore } from '../jsonStore.ts';
import { createLive } from '../pageUpdates.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { startSite } from '../sandboxApp.ts';
import { createSites, type Site, type Sites } from '../sites.ts';
import { healthEndpoint } from './healthEndpoint.ts';
import { pageRoutes } from './pageRoutes.ts';
import { createServiceStates, type ServiceStates } from './serviceStates.ts';
import { DEMO_SURFACES, type DemoSurface, type SurfaceState } from './services.ts';

export interface SandboxServicesOptions {
  /** 0 or absent: any free port. */
  port?: number;
  surfaces?: DemoSurface[];
  /** The duration of a slow response, in milliseconds; longer than any `degraded_after_ms` of the demo. */
  slowMs?: number;
  /** A JSON file that stores the states between starts; null or absent: all start healthy. */
  store?: string | null;
  log?: SandboxLog | undefined;
  /** The sandboxes of the same process; absent: it is the only one. */
  sites?: Sites;
}

/** A surface in the format of the surfaces file. */
export interface SurfaceConfig extends DemoSurface {
  url: string;
  timeout_ms: number;
  degraded_after_ms: number;
  expect: { status: [number, number] };
  failures_to_open: number;
  successes_to_close: number;
}

const SCOPE = /^\/s\/[^/]+\/healthz$/;
/** No name server knows a name below `invalid` (RFC 6761). */
const UNRESOLVABLE = 'http://service.invalid';
const PRODUCT = 'Services';
const NAV = [
  { href: '/', label: 'Services' },
  { href: '/__control', label: 'Faults' },
];

export type SandboxServices = Awaited<ReturnType<typeof startSandboxServices>>;

/** Starts a few services on loopback; each can be made healthy, slow, down, busy or unreachable with one button. */
export async function startSandboxServices(options: SandboxServicesOptions = {}) {
  const { surfaces = DEMO_SURFACES, slowMs = 3000, log, sites = createSites() } = options;
  const store = openStore<Record<string, SurfaceState>>({ log }, options.store ?? null, () => ({}));
  const live = createLive();
  const states = createServiceStates({ surfaces, store });
  states.onChange(sites.refresh);
  const faults = createFaults({ scope: SCOPE });
  const requests = createRequestLog({ scope: SCOPE, limit: 200 });
  const server = await startSite({
    ...{ log, faults, requests, live, sites },
    name: PRODUCT,
    subject: 'Each service',
    port: options.port ?? 0,
    more: troublesOfServices(surfaces, states),
    control: { product: PRODUCT, nav: NAV, common: SERVICE_FAULTS },
    scope: SCOPE,
    bodyLimit: 65_536,
    pages: pageRoutes({ product: PRODUCT, nav: NAV, surfaces, states }),
    api: healthEndpoint(states, slowMs),
  });
  const urlOf = (id: string) => `${states.of(id) === 'unresolvable' ? UNRESOLVABLE : server.url}/s/${id}/healthz`;

  return {
    url: server.url,
    /** The list to write into a surfaces file. It changes when the name of a service stops or begins to resolve. */
    get surfaces() {
      return surfaces.map((surface) => listed(surface, urlOf(surface.id), slowMs));
    },
    /** Calls the listener when that list has changed. */
    onChange(listener: () => void): void {
      const urls = () => surfaces.map(({ id }) => urlOf(id)).join();
      let known = urls();
      states.onChange(() => {
        if (urls() === known) return;
        known = urls();
        listener();
      });
    },
    state: { of: (id: string) => states.of(id) ?? null, requests: requests.entries },
    control: { set: states.set, faults },
    stop: () => server.stop(),
  };
}

const listed = (surface: DemoSurface, url: string, slowMs: number): SurfaceConfig => ({
  ...surface,
  url,
  timeout_ms: 5000,
  degraded_after_ms: Math.min(2000, slowMs / 2),
  expect: { status: [200, 299] },
  failures_to_open: 2,
  successes_to_close: 2,
});

/** Services that are not healthy, in words. */
function troublesOfServices(
  surfaces: readonly DemoSurface[],
  states: ServiceStates,
): Pick<Site, 'troubles' | 'endTroubles'> {
  const failing = () => surfaces.filter(({ id }) => states.of(id) !== 'healthy');
  return {
    troubles: () => failing().map(({ id, name }) => ({ what: `${name} is ${states.of(id)}`, hits: null })),
    endTroubles() {
      for (const { id } of failing()) states.set(id, 'healthy');
    },
  };
}

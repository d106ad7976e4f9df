import { createFaults } from '../faultSwitches.ts';
import { listen, type SandboxLog } from '../httpListener.ts';
import { openStore } from '../jsonStore.ts';
import { createLive } from '../pageUpdates.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { createApp } from '../sandboxApp.ts';
import { healthEndpoint } from './healthEndpoint.ts';
import { pageRoutes } from './pageRoutes.ts';
import { createServiceStates } from './serviceStates.ts';
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
const PRODUCT = 'Services';
const NAV = [
  { href: '/', label: 'Services' },
  { href: '/__control', label: 'Faults' },
];

export type SandboxServices = Awaited<ReturnType<typeof startSandboxServices>>;

/** Starts a few services on loopback; each can be made healthy, slow, down, busy or hanging with one button. */
export async function startSandboxServices(options: SandboxServicesOptions = {}) {
  const { surfaces = DEMO_SURFACES, slowMs = 3000, log } = options;
  const store = openStore<Record<string, SurfaceState>>({ log }, options.store ?? null, () => ({}));
  const live = createLive();
  const states = createServiceStates({ surfaces, store, live });
  const faults = createFaults({ scope: SCOPE });
  const requests = createRequestLog({ scope: SCOPE, limit: 200 });
  const app = createApp({
    log,
    faults,
    requests,
    live,
    control: { product: PRODUCT, nav: NAV },
    scope: SCOPE,
    bodyLimit: 65_536,
    pages: pageRoutes({ product: PRODUCT, nav: NAV, surfaces, states }),
    api: healthEndpoint(states, slowMs),
  });
  const server = await listen(app.callback(), options.port ?? 0);

  return {
    url: server.url,
    /** The list to write into a surfaces file. */
    surfaces: surfaces.map(
      (surface): SurfaceConfig => ({
        ...surface,
        url: `${server.url}/s/${surface.id}/healthz`,
        timeout_ms: 5000,
        degraded_after_ms: Math.min(2000, slowMs / 2),
        expect: { status: [200, 299] },
        failures_to_open: 2,
        successes_to_close: 2,
      }),
    ),
    state: { of: (id: string) => states.of(id) ?? null, requests: requests.entries },
    control: { set: states.set, faults },
    stop: () => server.stop(),
  };
}

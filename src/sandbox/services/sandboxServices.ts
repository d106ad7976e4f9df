import Router from '@koa/router';
import type { Middleware } from 'koa';
import { createFaults } from '../faultSwitches.ts';
import { listen, type SandboxLog } from '../httpListener.ts';
import { openStore } from '../jsonStore.ts';
import { sendPage } from '../pageShell.tsx';
import { createLive } from '../pageUpdates.ts';
import { fields, isForm } from '../receiveBody.ts';
import { createRequestLog } from '../receivedRequests.ts';
import { createApp } from '../sandboxApp.ts';
import { DEMO_SURFACES, type DemoSurface, SURFACE_STATES, type SurfaceState } from './services.ts';
import { SurfacesPage } from './servicesPage.tsx';

export interface SandboxServicesOptions {
  /** 0 or absent: any free one. */
  port?: number;
  surfaces?: DemoSurface[];
  /** How long a slow answer takes, in milliseconds; longer than any `degraded_after_ms` of the demo. */
  slowMs?: number;
  /** A JSON file that keeps what each was told between starts; null or absent: all begin healthy. */
  store?: string | null;
  log?: SandboxLog | undefined;
}

/** A surface as the surfaces file writes it. */
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
  { href: '/__control', label: 'Break it' },
];
const RETRY_AFTER_SECONDS = 30;

export type SandboxServices = Awaited<ReturnType<typeof startSandboxServices>>;

/** Starts a handful of services on loopback whose health is a matter of pressing a button. */
export async function startSandboxServices(options: SandboxServicesOptions = {}) {
  const { surfaces = DEMO_SURFACES, slowMs = 3000, log } = options;
  const store = openStore<Record<string, SurfaceState>>({ log }, options.store ?? null, () => ({}));
  const states = new Map<string, SurfaceState>(surfaces.map(({ id }) => [id, store.value[id] ?? 'healthy']));
  const live = createLive();
  const pages = new Router();

  pages.get('/', (ctx) => {
    const rows = surfaces.map((surface) => ({ ...surface, state: states.get(surface.id) ?? 'healthy' }));
    const nav = NAV.map((link) => ({ ...link, current: link.href === '/' }));
    sendPage(ctx, SurfacesPage({ product: PRODUCT, nav, surfaces: rows }));
  });

  pages.get('/s/:id/state', (ctx) => {
    const state = states.get(ctx.params.id ?? '');
    if (state) ctx.body = { id: ctx.params.id, state };
  });

  pages.post('/s/:id/state', (ctx) => {
    const id = ctx.params.id ?? '';
    const wanted = SURFACE_STATES.find((state) => state === fields(ctx).state);
    if (!states.has(id)) return;
    if (!wanted) {
      ctx.status = 400;
      ctx.body = { message: `state is one of ${SURFACE_STATES.join(', ')}` };
      return;
    }
    setState(id, wanted);
    if (isForm(ctx)) {
      ctx.redirect('/');
      ctx.status = 303;
    } else ctx.body = { id, state: wanted };
  });

  pages.post('/all/state', (ctx) => {
    for (const id of states.keys()) setState(id, 'healthy');
    ctx.redirect('/');
    ctx.status = 303;
  });

  function setState(id: string, state: SurfaceState): void {
    if (!states.has(id)) throw new Error(`There is no surface ${id}.`);
    states.set(id, state);
    store.value[id] = state;
    store.changed();
    live.changed();
  }

  const health: Middleware = async (ctx, next) => {
    const id = /^\/s\/([^/]+)\/healthz$/.exec(ctx.path)?.[1] ?? '';
    const state = states.get(id);
    if (state === undefined) return next();
    if (state === 'hanging') {
      ctx.respond = false;
      return;
    }
    if (state === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
    if (state === 'down') ctx.status = 500;
    if (state === 'busy') {
      ctx.status = 503;
      ctx.set('Retry-After', String(RETRY_AFTER_SECONDS));
    }
    const isWell = state === 'healthy' || state === 'slow';
    ctx.body = { status: isWell ? 'ok' : state, service: id };
  };

  const faults = createFaults({ scope: SCOPE });
  const requests = createRequestLog({ scope: SCOPE, limit: 200 });
  const control = { product: PRODUCT, nav: NAV };
  const app = createApp({ log, faults, requests, live, control, scope: SCOPE, bodyLimit: 65_536, pages, api: health });
  const server = await listen(app.callback(), options.port ?? 0);

  return {
    url: server.url,
    /** Ready to be written as a surfaces file. */
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
    state: { of: (id: string) => states.get(id) ?? null, requests: requests.entries },
    control: { set: setState, faults },
    stop: () => server.stop(),
  };
}

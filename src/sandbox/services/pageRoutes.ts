import Router from '@koa/router';
import { type NavLink, sendPage } from '../pageShell.tsx';
import { fields, isForm } from '../receiveBody.ts';
import type { ServiceStates } from './serviceStates.ts';
import { type DemoSurface, SURFACE_STATES } from './services.ts';
import { SurfacesPage } from './servicesPage.tsx';

interface Options {
  product: string;
  nav: readonly NavLink[];
  surfaces: readonly DemoSurface[];
  states: ServiceStates;
}

/** The page that shows each service, and the routes that read or change its state. */
export function pageRoutes({ product, nav, surfaces, states }: Options): Router {
  const router = new Router();

  router.get('/', (ctx) => {
    const rows = surfaces.map((surface) => ({ ...surface, state: states.of(surface.id) ?? 'healthy' }));
    const links = nav.map((link) => ({ ...link, current: link.href === '/' }));
    sendPage(ctx, SurfacesPage({ product, nav: links, surfaces: rows }));
  });

  router.get('/s/:id/state', (ctx) => {
    const state = states.of(ctx.params.id ?? '');
    if (state) ctx.body = { id: ctx.params.id, state };
  });

  router.post('/s/:id/state', (ctx) => {
    const id = ctx.params.id ?? '';
    const wanted = SURFACE_STATES.find((state) => state === fields(ctx).state);
    if (states.of(id) === undefined) return;
    if (!wanted) {
      ctx.status = 400;
      ctx.body = { message: `state must be one of ${SURFACE_STATES.join(', ')}` };
      return;
    }
    states.set(id, wanted);
    if (isForm(ctx)) {
      ctx.redirect('/');
      ctx.status = 303;
    } else ctx.body = { id, state: wanted };
  });

  router.post('/all/state', (ctx) => {
    for (const id of states.ids()) states.set(id, 'healthy');
    ctx.redirect('/');
    ctx.status = 303;
  });

  return router;
}

import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { type ControlOptions, controlRoutes } from './control.tsx';
import { faultMiddleware } from './faultMiddleware.ts';
import type { Faults } from './faultSwitches.ts';
import { guardPages } from './guardPages.ts';
import type { SandboxLog } from './httpListener.ts';
import { sendAsset } from './pageShell.tsx';
import type { Live } from './pageUpdates.ts';
import { receiveBody } from './receiveBody.ts';
import type { RequestLog } from './receivedRequests.ts';

interface AppParts {
  log?: SandboxLog | undefined;
  faults: Faults;
  requests: RequestLog;
  live: Live;
  control: Omit<ControlOptions, 'faults' | 'requests' | 'live'>;
  /** The simulated API: faults apply to these paths, and no browser may call them from another site. */
  scope: RegExp;
  /** A host name that pages accept in addition to the loopback names. */
  host?: string | undefined;
  /** Bytes. */
  bodyLimit: number;
  pages: Router;
  api: Middleware;
}

/** Assembles one sandbox: request log, faults, pages, control path, and the simulated API at the end. */
export function createApp(parts: AppParts): Koa {
  const { faults, requests, live, scope } = parts;
  const app = new Koa();
  app.silent = true;
  // A client that disconnects during a response is normal here.
  app.on('error', (error: Error) => parts.log?.debug({ err: error }, 'sandbox request failed'));

  const own = new Router();
  own.get('/assets/:name', (ctx) => sendAsset(ctx, ctx.params.name ?? ''));
  own.get('/events', live.route);
  own.get('/favicon.ico', (ctx) => {
    ctx.status = 204;
  });
  controlRoutes(own, { ...parts.control, faults, requests, live });

  app.use(receiveBody(parts.bodyLimit));
  app.use(guardPages({ api: scope, host: parts.host }));
  app.use(requests.middleware);
  app.use(own.routes());
  app.use(faultMiddleware(faults));
  app.use(parts.pages.routes());
  app.use(parts.api);
  return app;
}

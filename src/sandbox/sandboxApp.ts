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
  /** What is imitated: faults strike here, page rules do not hold here. */
  scope: RegExp;
  /** A host name that pages answer to beside the loopback ones. */
  host?: string | undefined;
  /** Bytes. */
  bodyLimit: number;
  pages: Router;
  api: Middleware;
}

/** Puts one sandbox together: recording, faults, pages, control path, and the imitated interface at the end. */
export function createApp(parts: AppParts): Koa {
  const { faults, requests, live, scope } = parts;
  const app = new Koa();
  app.silent = true;
  // A caller that hangs up in the middle of an answer is an ordinary event here.
  app.on('error', (error: Error) => parts.log?.debug({ err: error }, 'sandbox request failed'));

  const own = new Router();
  own.get('/assets/:name', (ctx) => sendAsset(ctx, ctx.params.name ?? ''));
  own.get('/events', live.route);
  own.get('/favicon.ico', (ctx) => {
    ctx.status = 204;
  });
  controlRoutes(own, { ...parts.control, faults, requests, live });

  app.use(receiveBody(parts.bodyLimit));
  app.use(guardPages({ except: scope, host: parts.host }));
  app.use(requests.middleware);
  app.use(own.routes());
  app.use(faultMiddleware(faults));
  app.use(parts.pages.routes());
  app.use(parts.api);
  return app;
}

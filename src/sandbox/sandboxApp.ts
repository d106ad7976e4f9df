import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { type ControlOptions, controlRoutes } from './control.tsx';
import { faultMiddleware } from './faultMiddleware.ts';
import type { Faults } from './faultSwitches.ts';
import { troublesOf } from './faultWords.ts';
import { guardPages } from './guardPages.ts';
import { type Listening, listen, type SandboxLog } from './httpListener.ts';
import { sendAsset } from './pageShell.tsx';
import type { Live } from './pageUpdates.ts';
import { receiveBody } from './receiveBody.ts';
import type { RequestLog } from './receivedRequests.ts';
import { attachSites, type Site, type Sites } from './sites.ts';

interface SiteParts {
  /** The label of links to it. */
  name: string;
  /** Who fails, at the beginning of a sentence; the product if left out. */
  subject?: string;
  /** 0: any free port. */
  port: number;
  log?: SandboxLog | undefined;
  faults: Faults;
  requests: RequestLog;
  live: Live;
  control: Omit<ControlOptions, 'faults' | 'requests' | 'sites'>;
  sites: Sites;
  /** What can fail besides faults and switches. */
  more?: Pick<Site, 'troubles' | 'endTroubles'>;
  /** The simulated API: faults apply to these paths, and no browser may call them from another site. */
  scope: RegExp;
  /** A host name that pages accept in addition to the loopback names. */
  host?: string | undefined;
  /** The origins besides its own that a form of a page may lead to. */
  formTargets?: string[];
  /** Bytes. */
  bodyLimit: number;
  pages: Router;
  api: Middleware;
}

/** Starts one sandbox on loopback: request log, faults, pages, control path, and the simulated API at the end. */
export async function startSite(parts: SiteParts): Promise<Listening> {
  const { product, switches } = parts.control;
  const { name, subject = product, faults, live, sites, more } = parts;
  const server = await listen(createApp(parts).callback(), parts.port);
  sites.add({
    name,
    url: server.url,
    troubles: () => [...troublesOf(subject, faults.list(), switches), ...(more?.troubles() ?? [])],
    endTroubles() {
      faults.clear();
      for (const each of switches?.list() ?? []) switches?.set(each.name, each.usual);
      more?.endTroubles();
    },
    refresh: live.changed,
  });
  return server;
}

function createApp(parts: SiteParts): Koa {
  const { faults, requests, live, scope, sites } = parts;
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
  controlRoutes(own, { ...parts.control, faults, requests, sites });

  app.use(receiveBody(parts.bodyLimit));
  app.use(guardPages({ api: scope, host: parts.host, formTargets: parts.formTargets }));
  app.use((ctx, next) => {
    attachSites(ctx, sites);
    return next();
  });
  app.use(requests.middleware);
  app.use(own.routes());
  app.use(faultMiddleware(faults));
  app.use(parts.pages.routes());
  app.use(parts.api);
  return app;
}

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import Koa, { type Middleware } from 'koa';
import compress from 'koa-compress';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { packageRoot } from '../root.ts';
import { loadAssets } from './assets.ts';
import type { RequestState } from './context.ts';
import { createCookieJar } from './cookies.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { createFlashes } from './flash.ts';
import { createLiveLink } from './live.ts';
import { authenticate } from './middleware/authenticate.ts';
import { createCsrf } from './middleware/csrf.ts';
import { errors } from './middleware/errors.ts';
import { hostCheck } from './middleware/hostCheck.ts';
import { requestLog } from './middleware/requestLog.ts';
import { securityHeaders } from './middleware/securityHeaders.ts';
import { describeApi } from './openapi.ts';
import { createPages } from './pages.tsx';
import { createRespond } from './reply.ts';
import { createRouter } from './router.ts';
import { alertRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { customerRoutes } from './routes/customers.ts';
import { deadLetterRoutes } from './routes/deadLetters.ts';
import { eventRoutes } from './routes/events.ts';
import { flagRoutes } from './routes/flags.ts';
import { healthRoutes } from './routes/health.ts';
import { homeRoutes } from './routes/home.ts';
import { inspectRoutes } from './routes/inspect.ts';
import { statusRoutes } from './routes/status.ts';
import { surfaceRoutes } from './routes/surfaces.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import type { Services } from './services.ts';
import { createShowProblem } from './showProblem.ts';
import { createSigner } from './signing.ts';

export interface HttpApp {
  callback: RequestListener;
  /** Every route there is, as the API description has them. */
  endpoints: readonly Endpoint[];
  /** Ends the streams that would otherwise never end. */
  close(): void;
}

/** The web side as one request listener, from the outermost layer to the innermost. */
export function createHttpApp(config: Config, services: Services, log: Logger): HttpApp {
  const { publicUrl, oidc, trustProxy } = config;
  const jar = createCookieJar(publicUrl);
  const signer = createSigner(config.sessionSecret);
  const csrf = createCsrf({ jar, signer, publicUrl });
  const flashes = createFlashes({ jar, signer });
  const assets = loadAssets();
  const pages = createPages({ assets, services, csrf, flashes });
  const live = createLiveLink(services);
  const endpoints = [
    ...homeRoutes({ signInSet: oidc !== null }),
    ...statusRoutes(services),
    ...surfaceRoutes(services),
    ...alertRoutes(services),
    ...customerRoutes(services),
    ...flagRoutes(services),
    ...auditRoutes(services),
    ...inspectRoutes(services),
    ...deadLetterRoutes(services),
    ...eventRoutes(live),
    ...webhookRoutes(services),
    ...healthRoutes(services),
  ];
  endpoints.push(apiDescription(endpoints, publicUrl));

  const layers: Middleware<RequestState>[] = [
    requestLog(log, trustProxy),
    ...securityHeaders(publicUrl),
    compress(),
    errors(log, createShowProblem({ pages, signInSet: oidc !== null })),
    ...(oidc === null ? [hostCheck(publicUrl)] : []),
    assets.serve,
    authenticate(config),
    csrf.guard,
    ...createRouter({ csrf, respond: createRespond({ pages, flashes }) }, endpoints),
  ];
  return { callback: listener(layers, { log, trustProxy }), endpoints, close: live.close };
}

/** Health, readiness and metrics alone: for processes that have no console. */
export function createHealthApp(config: Config, services: Pick<Services, 'readiness' | 'metrics'>, log: Logger): HttpApp {
}

function listener(layers: Middleware<RequestState>[], options: { log: Logger; trustProxy: boolean }): RequestListener {
  // A proxy adds the address it saw at the end of X-Forwarded-For; what stands before it anyone can write.
  const koa = new Koa<RequestState>({ proxy: options.trustProxy, maxIpsCount: 1 });
  for (const layer of layers) koa.use(layer);
  // Only what happens after the answer has begun comes here: mostly readers who went away.
  koa.on('error', (err: unknown) => options.log.debug({ err }, 'http response broke off'));
  return koa.callback();
}

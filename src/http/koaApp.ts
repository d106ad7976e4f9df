import type { RequestListener } from 'node:http';
import Koa, { type Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { loadAssets } from './assets.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { RequestState } from './context.ts';
import { createCookieJar } from './cookies.ts';
import type { Endpoint } from './endpoint.ts';
import { createFlashes } from './flash.ts';
import { createLiveLink } from './live.ts';
import { authenticate } from './middleware/authenticate.ts';
import { compression } from './middleware/compression.ts';
import { createCsrf } from './middleware/csrf.ts';
import { errors } from './middleware/errors.ts';
import { createFailedAttempts } from './middleware/failedAttempts.ts';
import { hostCheck } from './middleware/hostCheck.ts';
import { requestLog } from './middleware/requestLog.ts';
import { securityHeaders } from './middleware/securityHeaders.ts';
import { createPages } from './pages.tsx';
import { createRespond } from './reply.ts';
import { createRouter } from './router.ts';
import { allRoutes } from './routes/all.ts';
import { healthRoutes } from './routes/health.ts';
import { createSessionKeeper } from './sessionKeeper.ts';
import { createShowProblem } from './showProblem.ts';
import { createSigner } from './signing.ts';

export interface HttpApp {
  callback: RequestListener;
  /** Every route there is. */
  endpoints: readonly Endpoint[];
  /** Ends the streams that would otherwise never end. */
  close(): void;
}

const HEALTH = new Set(['/healthz', '/readyz', '/metrics']);

type Settings = Pick<Config, 'publicUrl' | 'trustProxy' | 'oidc' | 'apiTokens' | 'ingestTokens' | 'sessionSecret'>;
type Layer = Middleware<RequestState>;

/** The web side as one request listener, from the outermost layer to the innermost. */
export function createConsoleApp(config: Settings, services: ConsoleApi, log: Logger): HttpApp {
  const { publicUrl } = config;
  const signInSet = config.oidc !== null;
  const jar = createCookieJar(publicUrl);
  const signer = createSigner(config.sessionSecret);
  const csrf = createCsrf({ jar, signer, publicUrl });
  const flashes = createFlashes({ jar, signer });
  const assets = loadAssets();
  const pages = createPages({ assets, services, csrf, flashes, signInSet });
  const live = createLiveLink(services);
  const failures = createFailedAttempts(services);
  const sessions = signInSet ? createSessionKeeper({ jar, signer, services }) : null;
  const endpoints = allRoutes({ services, live, publicUrl, signIn: { jar, signer, sessions, failures } });
  const health = endpoints.filter(({ path }) => HEALTH.has(path));
  const deps = { csrf, respond: createRespond({ pages, flashes }) };

  const layers: Layer[] = [
    requestLog(log, config.trustProxy),
    ...securityHeaders(publicUrl),
    compression(),
    errors(log, createShowProblem({ pages, signInSet })),
    ...(signInSet ? [] : [hostCheck(publicUrl)]),
    assets.serve,
    // Whether we live must not hang on whether the database can say who is asking.
    createRouter(deps, health).routes,
    authenticate(config, { failures, sessions }),
    csrf.guard,
    ...Object.values(createRouter(deps, endpoints)),
  ];
  return { callback: listener(layers, log, config), endpoints, close: live.close };
}

type Health = Pick<ConsoleApi, 'readiness' | 'metrics'>;

/** Health, readiness and metrics alone, for processes that have no console. */
export function createHealthApp(config: Settings, services: Health, log: Logger): HttpApp {
  const jar = createCookieJar(config.publicUrl);
  const signer = createSigner(null);
  const csrf = createCsrf({ jar, signer, publicUrl: config.publicUrl });
  const flashes = createFlashes({ jar, signer });
  const pages = createPages({
    assets: loadAssets(),
    services: { banners: async () => [] },
    csrf,
    flashes,
    signInSet: false,
  });
  const endpoints = healthRoutes(services);

  const layers: Layer[] = [
    requestLog(log, config.trustProxy),
    ...securityHeaders(config.publicUrl),
    errors(log, createShowProblem({ pages, signInSet: false })),
    ...Object.values(createRouter({ csrf, respond: createRespond({ pages, flashes }) }, endpoints)),
  ];
  return { callback: listener(layers, log, config), endpoints, close: () => {} };
}

function listener(layers: Layer[], log: Logger, { trustProxy }: Settings): RequestListener {
  // A proxy adds the address it saw at the end of X-Forwarded-For; what stands before it anyone can write.
  const koa = new Koa<RequestState>({ proxy: trustProxy, maxIpsCount: 1 });
  for (const layer of layers) koa.use(layer);
  // Only what happens after the answer has begun comes here: mostly readers who went away.
  koa.on('error', (err: unknown) => log.debug({ err }, 'http response broke off'));
  return koa.callback();
}

import type { RequestListener } from 'node:http';
import Koa, { type Middleware } from 'koa';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { searchesAtOnce, workConnections } from '../db/poolShares.ts';
import { type LoopLoad, startLoopLoad } from '../lib/loopLoad.ts';
import { loadAssets } from './assets.ts';
import type { ConsoleApi } from './consoleApi.ts';
import type { RequestState } from './context.ts';
import { createCookieJar } from './cookies.ts';
import type { Endpoint } from './endpoint.ts';
import { createFlashes } from './flash.ts';
import { createIntakePlaces } from './intakePlaces.ts';
import { createLiveUpdates } from './liveUpdates.ts';
import { authenticate } from './middleware/authenticate.ts';
import { compression } from './middleware/compression.ts';
import { countRefusals } from './middleware/countRefusals.ts';
import { createCsrf } from './middleware/csrf.ts';
import { errors } from './middleware/errors.ts';
import { createFailedAttempts } from './middleware/failedAttempts.ts';
import { hostCheck } from './middleware/hostCheck.ts';
import { intakeFirst } from './middleware/intakeFirst.ts';
import { requestLog } from './middleware/requestLog.ts';
import { readTarget, refuseUnreadable } from './middleware/requestTarget.ts';
import { securityHeaders } from './middleware/securityHeaders.ts';
import { createPageReads } from './pageReads.ts';
import { createPages } from './pages.tsx';
import { createProblemResponder } from './problemResponder.ts';
import { createRespond } from './reply.ts';
import { createRouter } from './router.ts';
import { allRoutes } from './routes/all.ts';
import { healthRoutes } from './routes/health.ts';
import { createFindSource } from './senderToken.ts';
import { createSessionCookie } from './sessionCookie.ts';
import { createSigner } from './signing.ts';
import { createSourceQuota } from './sourceQuota.ts';

export interface HttpApp {
  callback: RequestListener;
  endpoints: readonly Endpoint[];
  /** Ends all open event streams. */
  close(): void;
}

/** In all processes together, for all kinds of tokens. */
const WRONG_TOKENS = { kind: 'token', allowed: 20 } as const;

/** Beyond this load of the event loop, pages wait for alerts. */
const BUSY_SHARE = 0.8;

const HEALTH = new Set(['/healthz', '/readyz', '/metrics']);

type Settings = Pick<
  Config,
  | 'publicUrl'
  | 'trustProxy'
  | 'oidc'
  | 'apiTokens'
  | 'ingestTokens'
  | 'sessionSecret'
  | 'adminSignInMinutes'
  | 'metricsToken'
  | 'sourceRequestsPerMinute'
  | 'database'
>;
type Layer = Middleware<RequestState>;

/** The console as one request listener. Layers are listed from the outermost to the innermost. */
export function createConsoleApp(
  config: Settings,
  services: ConsoleApi,
  log: Logger,
  load: LoopLoad = startLoopLoad(BUSY_SHARE),
): HttpApp {
  const { publicUrl } = config;
  const signInEnabled = config.oidc !== null;
  const jar = createCookieJar(publicUrl);
  const signer = createSigner(config.sessionSecret);
  const csrf = createCsrf({ jar, signer, publicUrl });
  const flashes = createFlashes({ jar, signer });
  const assets = loadAssets();
  const pages = createPages({ assets, services, csrf, flashes, signInEnabled });
  const live = createLiveUpdates(services);
  const { refused } = services;
  const failures = createFailedAttempts(services, WRONG_TOKENS);
  const sessions = signInEnabled ? createSessionCookie({ jar, signer, services }) : null;
  const findSource = createFindSource({
    ...{ config, failures, refused },
    sourceTokens: () => services.sourceTokens(),
    isDeclared: (source) => services.isDeclared(source),
  });
  const endpoints = allRoutes({
    services,
    live,
    publicUrl,
    metrics: { metricsToken: () => config.metricsToken, wrongTokens: { failures, refused } },
    findSource,
    quota: createSourceQuota(config.sourceRequestsPerMinute),
    intakePlaces: createIntakePlaces({ connections: workConnections(config.database.poolSize), refused }),
    reads: createPageReads({ searchesAtOnce: searchesAtOnce(config.database.poolSize) }),
    signIn: { jar, signer, sessions },
  });
  const health = endpoints.filter(({ path }) => HEALTH.has(path));
  const { adminSignInMinutes } = config;
  const deps = { csrf, refused, adminSignInMinutes, respond: createRespond({ pages, flashes }) };

  const layers: Layer[] = [
    readTarget,
    requestLog(log, { trustProxy: config.trustProxy, count: services.countRequest }),
    ...securityHeaders(publicUrl),
    compression(),
    errors({ log, show: createProblemResponder({ pages, signInEnabled }), awaitsMigration: services.awaitsMigration }),
    refuseUnreadable,
    countRefusals(refused),
    ...(signInEnabled ? [] : [hostCheck(publicUrl)]),
    assets.serve,
    intakeFirst({ load }),
    // Before authentication: health checks must answer while the database is unavailable.
    createRouter(deps, health).routes,
    authenticate(config, { failures, refused, sessions }),
    csrf.guard,
    ...Object.values(createRouter(deps, endpoints)),
  ];
  const close = (): void => {
    load.stop();
    live.close();
  };
  return { callback: listener(layers, log, config), endpoints, close };
}

/** What a process without a console needs. */
export type HealthApi = Pick<
  ConsoleApi,
  'readiness' | 'awaitsMigration' | 'metrics' | 'countRequest' | 'countFailures' | 'refused'
>;

/** Health, readiness and metrics only, for processes without a console. */
export function createHealthApp(config: Settings, services: HealthApi, log: Logger): HttpApp {
  const jar = createCookieJar(config.publicUrl);
  const signer = createSigner(null);
  const csrf = createCsrf({ jar, signer, publicUrl: config.publicUrl });
  const flashes = createFlashes({ jar, signer });
  const pages = createPages({
    assets: loadAssets(),
    services: { banners: async () => [], sandboxPages: [] },
    csrf,
    flashes,
    signInEnabled: false,
  });
  const wrongTokens = { failures: createFailedAttempts(services, WRONG_TOKENS), refused: services.refused };
  const endpoints = healthRoutes(services, { metricsToken: () => config.metricsToken, wrongTokens });

  const layers: Layer[] = [
    readTarget,
    requestLog(log, { trustProxy: config.trustProxy, count: services.countRequest }),
    ...securityHeaders(config.publicUrl),
    errors({
      log,
      show: createProblemResponder({ pages, signInEnabled: false }),
      awaitsMigration: services.awaitsMigration,
    }),
    refuseUnreadable,
    ...Object.values(
      createRouter(
        { csrf, refused: services.refused, adminSignInMinutes: 0, respond: createRespond({ pages, flashes }) },
        endpoints,
      ),
    ),
  ];
  return { callback: listener(layers, log, config), endpoints, close: () => {} };
}

function listener(layers: Layer[], log: Logger, { trustProxy }: Settings): RequestListener {
  // Each proxy appends the address it saw to X-Forwarded-For; clients can forge everything before that.
  const koa = new Koa<RequestState>({ proxy: trustProxy > 0, maxIpsCount: trustProxy });
  for (const layer of layers) koa.use(layer);
  // Only errors after the response has started arrive here, mostly clients that disconnected.
  koa.on('error', (err: unknown) => log.debug({ err }, 'http response broke off'));
  return koa.callback();
}

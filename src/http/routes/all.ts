import { packageVersion } from '../../lib/packageVersion.ts';
import type { ConsoleApi } from '../consoleApi.ts';
import { type Endpoint, endpoint } from '../endpoint.ts';
import type { IntakePlaces } from '../intakePlaces.ts';
import type { LiveUpdates } from '../liveUpdates.ts';
import { describeApi } from '../openapi.ts';
import type { PageReads } from '../pageReads.ts';
import type { FindSource } from '../senderToken.ts';
import type { SourceQuota } from '../sourceQuota.ts';
import { alertRoutes } from './alerts.ts';
import { auditRoutes } from './audit.ts';
import { customerRoutes } from './customers.ts';
import { deadLetterRoutes } from './deadLetters.ts';
import { eventRoutes } from './events.ts';
import { flagRoutes } from './flags.ts';
import { healthRoutes, type MetricsAccess } from './health.ts';
import { homeRoutes } from './home.ts';
import { inspectRoutes } from './inspect.ts';
import { maintenanceRoutes } from './maintenance.ts';
import { reconcileRoutes } from './reconcile.ts';
import { refusalRoutes } from './refusals.ts';
import { senderRoutes } from './senders.ts';
import { sessionRoutes } from './sessions.ts';
import { type SignInDeps, signInRoutes } from './signIn.ts';
import { silenceRoutes } from './silences.ts';
import { sourceRoutes } from './sources.ts';
import { statusRoutes } from './status.ts';
import { surfaceRoutes } from './surfaces.ts';
import { webhookRoutes } from './webhooks.ts';
import { weeklyRoutes } from './weekly.ts';

interface Deps {
  services: ConsoleApi;
  live: LiveUpdates;
  publicUrl: string;
  metrics: MetricsAccess;
  signIn: Omit<SignInDeps, 'services'>;
  findSource: FindSource;
  quota: SourceQuota;
  intakePlaces: IntakePlaces;
  reads: PageReads;
}

/** Every route of the console, including the OpenAPI description of all routes. */
export function allRoutes(deps: Deps): Endpoint[] {
  const { services, live, publicUrl, metrics, signIn, findSource, quota, intakePlaces, reads } = deps;
  const routes = [
    ...homeRoutes(),
    ...signInRoutes({ services, ...signIn }),
    ...statusRoutes(services, signIn.jar),
    ...surfaceRoutes(services, reads),
    ...maintenanceRoutes(services),
    ...alertRoutes(services, { reads, quota, places: intakePlaces }),
    ...silenceRoutes(services, reads),
    ...customerRoutes(services, reads),
    ...flagRoutes(services, reads),
    ...auditRoutes(services, reads),
    ...inspectRoutes(services, reads),
    ...deadLetterRoutes(services, reads),
    ...reconcileRoutes(services, reads),
    ...sessionRoutes(services),
    ...refusalRoutes(services, reads),
    ...eventRoutes(live),
    ...webhookRoutes(services),
    ...senderRoutes({ services, findSource, quota }),
    ...sourceRoutes(services, reads),
    ...weeklyRoutes(services, reads),
    ...healthRoutes(services, metrics),
  ];
  const description = endpoint({
    method: 'get',
    path: '/openapi.json',
    exactPath: true,
    access: 'anyone',
    summary: 'Returns this OpenAPI description.',
    answers: { 200: { description: 'OpenAPI 3.1.', type: 'application/json' } },
    handle: () => ({ kind: 'json', json: api }),
  });
  routes.push(description);
  const api = describeApi(routes, { version: packageVersion(), url: publicUrl });
  return routes;
}

import type { Pool } from 'pg';
import type { Config } from '../config/config.ts';
import { createProvider } from '../identity/provider.ts';
import { createProviderLogout } from '../identity/providerLogout.ts';
import { createRefusalCounts, type RefusalCounts } from '../identity/refusalCounts.ts';
import { storeRefusals } from '../identity/refusalStore.ts';
import { createRefusals } from '../identity/refusals.ts';
import { createRoleChecks } from '../identity/roleChecks.ts';
import { createSessionRoles } from '../identity/sessionRoles.ts';
import { createSessions } from '../identity/sessions.ts';
import { createSignIn } from '../identity/signIn.ts';
import type { Cleanups } from '../lib/cleanup.ts';
import type { Log } from '../log/log.ts';
import type { Outgoing } from '../net/outgoing.ts';
import type { Metrics } from './metrics.ts';

interface IdentityDeps {
  pool: Pool;
  /** For what may wait: the counts of refusals. */
  pagePool: Pool;
  config: Config;
  outgoing: Outgoing;
  cleanups: Cleanups;
  log: Log;
  metrics: Metrics;
}

const STORE_REFUSALS_MS = 10_000;

/** Sessions, and sign-in if a provider is configured. */
export function createIdentity(deps: IdentityDeps) {
  const { pool, pagePool, config, outgoing, log, metrics } = deps;
  const { oidc, publicUrl } = config;
  const sessions = createSessions(pool, config.session);
  const roles = createSessionRoles(pool, config.session);
  const provider = oidc && createProvider({ oidc, publicUrl, outgoing, log });
  const onOutcome = (outcome: string) => metrics.signIns.inc({ outcome });
  const counts = createRefusalCounts({ store: (...counted) => storeRefusals(pagePool, ...counted), log });
  const flushRefusals = storeRegularly(counts, deps.cleanups);
  const refused = createRefusals({
    log,
    count(kind, address, source) {
      metrics.refusals.inc({ kind });
      counts.count(kind, address, source);
    },
  });
  const signIn =
    oidc &&
    provider &&
    createSignIn({
      pool,
      provider,
      sessions,
      roles,
      oidc,
      adminSignInMinutes: config.adminSignInMinutes,
      publicUrl,
      log,
      onOutcome,
      refused,
      logout: createProviderLogout({ provider, roles, oidc, log, onOutcome, refused }),
      roleCheckMinutes: config.session.roleCheckMinutes,
    });
  const checks =
    oidc &&
    provider &&
    createRoleChecks({
      ...{ sessions, roles, provider, oidc, log },
      limits: config.session,
      onOutcome: (outcome) => metrics.roleChecks.inc({ outcome }),
    });
  return { sessions: { ...sessions, ...checks }, signIn, refused, flushRefusals };
}

/** One flush at a time, and a last one when the process stops. Returns how to store what was counted at once. */
function storeRegularly(counts: RefusalCounts, cleanups: Cleanups): () => Promise<void> {
  let storing: Promise<void> = Promise.resolve();
  const flush = () => {
    storing = storing.then(() => counts.flush());
    return storing;
  };
  const timer = setInterval(flush, STORE_REFUSALS_MS);
  cleanups.add('counts of refused requests', async () => {
    clearInterval(timer);
    await flush();
  });
  return flush;
}

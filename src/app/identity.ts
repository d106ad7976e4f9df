import type { Pool } from 'pg';
import type { Config } from '../config/config.ts';
import { createProvider } from '../identity/provider.ts';
import { createProviderLogout } from '../identity/providerLogout.ts';
import { createRefusals } from '../identity/refusals.ts';
import { createRoleChecks } from '../identity/roleChecks.ts';
import { createSessionRoles } from '../identity/sessionRoles.ts';
import { createSessions } from '../identity/sessions.ts';
import { createSignIn } from '../identity/signIn.ts';
import type { Log } from '../log/log.ts';
import type { Outgoing } from '../net/outgoing.ts';
import type { Metrics } from './metrics.ts';

/** Sessions, and sign-in where a provider is configured. */
export function createIdentity(deps: { pool: Pool; config: Config; outgoing: Outgoing; log: Log; metrics: Metrics }) {
  const { pool, config, outgoing, log, metrics } = deps;
  const { oidc, publicUrl } = config;
  const sessions = createSessions(pool, config.session);
  const roles = createSessionRoles(pool, config.session);
  const provider = oidc && createProvider({ oidc, publicUrl, outgoing, log });
  const onOutcome = (outcome: string) => metrics.signIns.inc({ outcome });
  const refused = createRefusals({ log, count: (kind) => metrics.refusals.inc({ kind }) });
  const signIn =
    oidc &&
    provider &&
    createSignIn({
      pool,
      provider,
      sessions,
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
  return { sessions: { ...sessions, ...checks }, signIn, refused };
}

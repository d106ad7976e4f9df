import type { Config } from '../config/config.ts';
import { createBudget } from '../lib/budget.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';
import type { SessionHolder } from '../model/people.ts';
import { personFromClaims } from './person.ts';
import type { Provider, ReadClaims } from './provider.ts';
import { classifyFailure, errorCode, isGrantRefused } from './providerTrouble.ts';
import type { RoleTurn, SessionRoles } from './sessionRoles.ts';
import type { FoundSession, Sessions } from './sessions.ts';

export type RoleOutcome = 'confirmed' | 'changed' | 'ended' | 'failed';

interface Deps {
  sessions: Pick<Sessions, 'find'>;
  roles: SessionRoles;
  provider: Pick<Provider, 'readAgain'>;
  oidc: Pick<NonNullable<Config['oidc']>, 'issuerUrl' | 'roleClaim' | 'roleMap'>;
  limits: Pick<Config['session'], 'roleCheckMinutes' | 'roleMaxMinutes'>;
  log: Log;
  onOutcome: (outcome: RoleOutcome) => void;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
  waitMs?: number;
}

/** A request waits no longer for the provider, whose later answer counts for the next request. */
const WAIT_MS = 2_000;
/** After a failure, the other sessions of this process do not ask for so long. */
const PAUSE_MS = 5_000;
const MINUTE_MS = 60_000;

/**
 * Finds sessions, and first reads the role again if the provider confirmed it too long ago. The refresh token can be
 * decrypted only with the token of the browser, so this happens at a request and not in the background. While the
 * provider does not answer, a role counts until it is `roleMaxMinutes` old.
 */
export function createRoleChecks(deps: Deps): Pick<Sessions, 'find'> {
  const { sessions, roles, provider, oidc, limits, log, onOutcome } = deps;
  const { now = () => performance.now(), waitMs = WAIT_MS } = deps;
  const [dueMs, maxMs] = [limits.roleCheckMinutes * MINUTE_MS, limits.roleMaxMinutes * MINUTE_MS];
  const running = new Map<string, Promise<void>>();
  const warnings = createBudget({ allowed: 1, windowMs: MINUTE_MS, now });
  let pausedUntil = 0;

  // An age below zero means that the database's clock was set back.
  const isDue = ({ role_age_ms: age }: FoundSession) => age !== null && (age < 0 || age >= dueMs);
  const counts = ({ role_age_ms: age }: FoundSession) => age === null || age < maxMs;

  /** One at a time for each session; the requests of a page share it. */
  function check(token: string, { id }: SessionHolder): Promise<void> {
    const shared = running.get(id);
    if (shared) return shared;
    const started = ask(token)
      .catch((error: unknown) => log.warn({ err: error }, 'the role of a session could not be stored'))
      .finally(() => running.delete(id));
    running.set(id, started);
    return started;
  }

  async function ask(token: string): Promise<void> {
    if (now() < pausedUntil) return;
    const turn = await roles.takeTurn(token, oidc.issuerUrl);
    if (turn === null) return;
    onOutcome(await read(turn));
  }

  async function read(turn: RoleTurn): Promise<RoleOutcome> {
    let answer: ReadClaims;
    try {
      answer = await provider.readAgain(turn.grant, turn.subject);
    } catch (error) {
      if (!isGrantRefused(error)) return failed(error);
      await roles.endOne(turn);
      return 'ended';
    }
    if ('claims' in answer) return store(turn, answer.claims, answer.grant);
    // The provider may refuse the refresh token that was just used, and the session would end.
    if (answer.grant !== null) await roles.storeGrant(turn, answer.grant);
    return failed(answer.error);
  }

  async function store(turn: RoleTurn, claims: Record<string, unknown>, grant: string | null): Promise<RoleOutcome> {
    const { role } = personFromClaims(turn.subject, claims, oidc);
    if (role !== null) return (await roles.confirm(turn, role, grant)) ? 'changed' : 'confirmed';
    await roles.endPerson(turn);
    return 'ended';
  }

  function failed(error: unknown): RoleOutcome {
    pausedUntil = now() + PAUSE_MS;
    const { passes, dropped } = warnings.take('failed');
    if (passes) {
      const facts = { code: errorCode(error), trouble: classifyFailure(error), unlogged: dropped };
      log.warn(facts, 'roles could not be read again; they count until they are too old');
    }
    return 'failed';
  }

  return {
    async find(token, how) {
      const found = await sessions.find(token, how);
      if (found === null || dueMs === 0 || !isDue(found)) return found;
      const late = () => new Error('the provider takes long');
      await withTimeout(waitMs, check(token, found), late).catch(() => undefined);
      const current = await sessions.find(token, { use: false });
      return current !== null && counts(current) ? current : null;
    },
  };
}

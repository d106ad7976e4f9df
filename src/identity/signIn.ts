import type { Pool } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import { createBudget } from '../lib/budget.ts';
import { Problem } from '../lib/problem.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';
import type { RefusalKind, Refuse, SignIn } from '../model/people.ts';
import { describeGroups, isGroupOverage } from './groups.ts';
import { personFromClaims } from './person.ts';
import { claimName } from './personNames.ts';
import type { Provider, ProviderIdentity } from './provider.ts';
import { classifyFailure, errorCode, type ProviderFailure } from './providerTrouble.ts';
import { returnPath } from './returnPath.ts';
import type { SessionRoles } from './sessionRoles.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { decodeAttempt, encodeAttempt, newAttempt, type SignInAttempt } from './signInAttempt.ts';
import { createSpentSignIns } from './spentSignIns.ts';

interface Deps {
  pool: Pool;
  provider: Provider;
  sessions: Sessions;
  roles: Pick<SessionRoles, 'endPerson'>;
  oidc: Pick<NonNullable<Config['oidc']>, 'issuerUrl' | 'roleClaim' | 'roleMap'>;
  /** 0 if admins need no recent sign-in. */
  adminSignInMinutes: number;
  publicUrl: string;
  log: Log;
  onOutcome: (outcome: string) => void;
  /** Records refusals that anybody can cause. */
  refused: Refuse;
  /** Ends sessions whose people signed out at the provider. */
  logout: SignIn['logout'];
  roleCheckMinutes: number;
}

/** The most refusals that one process audits in a minute for each cause, because the audit log only grows. */
const MAX_AUDITED_PER_MINUTE = 60;
const MAX_AUDITED_PER_PERSON = 5;
/** The limit of all calls of one sign-in; the page must answer within five seconds. */
const EXCHANGE_MS = 4_500;

type Claims = Readonly<Record<string, unknown>>;
type Reason = ProviderFailure | 'no_role' | 'group_overage';

const MESSAGES: Record<ProviderFailure, string> = {
  provider_unavailable: 'The identity provider did not answer. Try again in a moment. API tokens still work.',
  client_refused:
    'The identity provider does not accept the client id or secret of this console. Contact your console administrator.',
  provider_refused: 'The identity provider refused the sign-in, or it was cancelled.',
  answer_invalid: 'The response of the identity provider is not valid.',
};

const CONTACT = 'Contact your console administrator.';
const OVERAGE =
  'it sent no groups, because you are in too many of them for one token (_claim_names). ' +
  'Your console administrator can make the provider send only the groups assigned to this console, or application roles.';

/** Signing in and out, apart from HTTP. Each outcome is audited, without secrets. */
export function createSignIn(deps: Deps): SignIn {
  const { pool, provider, sessions, roles, oidc, adminSignInMinutes, publicUrl, log, onOutcome, refused } = deps;
  let isWithoutGrantLogged = deps.roleCheckMinutes === 0;
  const { issuerUrl: issuer } = oidc;
  const spent = createSpentSignIns(pool);
  // A stranger's failures do not use up the places of people whom the provider has identified.
  const budget = createBudget({ allowed: MAX_AUDITED_PER_MINUTE, windowMs: 60_000 });
  const personBudget = createBudget({ allowed: MAX_AUDITED_PER_PERSON, windowMs: 60_000 });

  async function auditRefusal(
    reason: Reason,
    visitor: Visitor,
    details: { code?: string; name?: string; subject?: string; received?: string } = {},
  ): Promise<void> {
    onOutcome(reason);
    if (reason !== 'provider_unavailable' && reason !== 'client_refused') refused('sign_in_refused', visitor.address);
    const { name, subject } = details;
    const { passes } = subject === undefined ? budget.take(reason) : personBudget.take(subject);
    if (!passes) return;
    const known = name !== undefined && subject !== undefined;
    const actor = known ? await claimName(pool, { issuer, subject }, name) : 'nobody';
    const payload = { reason, ...details, ...(known ? { name: actor } : {}), address: visitor.address };
    await appendAudit(pool, [{ action: 'console.session.refused', payload, actor }]);
  }

  /** Nothing was guessed and nobody was called, so it is only counted. */
  function refuse(kind: RefusalKind, visitor: Visitor, message: string): never {
    onOutcome(kind);
    refused(kind, visitor.address);
    throw failed(message);
  }

  /** The attempt to which this response belongs; each can be used once. */
  async function useAttempt(text: string | null, answer: URLSearchParams, visitor: Visitor): Promise<SignInAttempt> {
    const attempt = text === null ? null : decodeAttempt(text);
    if (attempt === null) {
      return refuse('no_attempt', visitor, 'No sign-in was started in this browser, or it has expired.');
    }
    if (answer.getAll('state').join() !== attempt.state) {
      return refuse('state_mismatch', visitor, 'This sign-in was not started in this browser, or it has expired.');
    }
    const isFirst = await spent.spend(attempt);
    return isFirst ? attempt : refuse('replayed', visitor, 'This sign-in link has already been used.');
  }

  async function exchange(
    answer: URLSearchParams,
    attempt: SignInAttempt,
    visitor: Visitor,
  ): Promise<ProviderIdentity> {
    try {
      return await withExchangeLimit(provider.exchange(answer, attempt));
    } catch (error) {
      const failure = classifyFailure(error);
      const code = errorCode(error);
      log.warn({ code, trouble: failure }, 'sign-in refused');
      await auditRefusal(failure, visitor, { code });
      if (failure !== 'provider_unavailable') throw failed(MESSAGES[failure]);
      throw new Problem('identity_provider_unavailable', MESSAGES[failure]);
    }
  }

  async function withoutRole(person: { name: string; subject: string; claims: Claims }, visitor: Visitor) {
    const { name, subject, claims } = person;
    const overage = isGroupOverage(claims, oidc.roleClaim);
    const received = describeGroups(claims, oidc.roleClaim);
    await auditRefusal(overage ? 'group_overage' : 'no_role', visitor, { name, subject, received });
    const who = `You are signed in at the identity provider as ${name}, but`;
    return new Problem(
      'no_role',
      overage ? `${who} ${OVERAGE}` : `${who} none of your groups has a role here: ${received}. ${CONTACT}`,
    );
  }

  /** Once for a process; the setting says what to do. */
  function logWithoutGrant(): void {
    if (isWithoutGrantLogged) return;
    isWithoutGrantLogged = true;
    log.warn('the identity provider gives no refresh token, so roles are read at sign-in only');
  }

  return {
    provider: provider.host,
    trouble: provider.trouble,
    logout: deps.logout,

    async begin({ to, asSomebodyElse, again }) {
      const maxAgeS = again && adminSignInMinutes > 0 ? adminSignInMinutes * 60 : undefined;
      const attempt = newAttempt(returnPath(to), maxAgeS);
      try {
        const url = await provider.authorizationUrl(attempt, asSomebodyElse ? 'login' : undefined);
        return { url, attempt: encodeAttempt(attempt) };
      } catch (error) {
        onOutcome('provider_unavailable');
        throw new Problem('identity_provider_unavailable', MESSAGES.provider_unavailable, { cause: error });
      }
    },

    async complete({ attempt: text, answer, visitor, replaces, mayCall }) {
      const attempt = await useAttempt(text, answer, visitor);
      // A person who cancelled brings no code, and then nobody is called.
      if (answer.has('code') && !answer.has('error')) await spent.askOrPutBack(attempt, mayCall);
      const { subject, claims, authenticatedAt, idToken, grant, providerSession } = await exchange(
        answer,
        attempt,
        visitor,
      );
      const { name, role } = personFromClaims(subject, claims, oidc);
      if (role === null) {
        // In another browser the person may have a session from the time before.
        await roles.endPerson({ issuer, subject });
        throw await withoutRole({ name, subject, claims }, visitor);
      }
      const session = await sessions.open({
        ...{ issuer, subject, name, role, authenticatedAt, grant, providerSession, replaces },
        hint: idToken,
        ...visitor,
      });
      if (grant === null) logWithoutGrant();
      onOutcome('signed_in');
      return { ...session, to: attempt.to };
    },

    async end(token) {
      const ended = await sessions.signOut(token);
      if (ended === null) return { providerUrl: null };
      onOutcome('signed_out');
      if (ended.hint === null) return { providerUrl: null };
      // The session of the console has ended even if the provider is unavailable.
      return { providerUrl: await provider.signOutUrl(ended.hint, `${publicUrl}/sign-in`).catch(() => null) };
    },
  };
}

/** A late result is dropped: the browser has its error by then, so it must not create a session. */
const withExchangeLimit = <T>(work: Promise<T>): Promise<T> =>
  withTimeout(EXCHANGE_MS, work, () => Object.assign(new Error('the provider took too long'), { code: 'ETIMEDOUT' }));

const failed = (message: string): Problem => new Problem('sign_in_failed', `${message} Sign in again.`);

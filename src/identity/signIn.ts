import type { Pool } from 'pg';
import { appendAudit } from '../audit/auditLog.ts';
import type { Config } from '../config/config.ts';
import { Problem } from '../lib/problem.ts';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Log } from '../log/log.ts';
import type { SignIn } from '../model/people.ts';
import { personOf } from './person.ts';
import type { Provider, Vouched } from './provider.ts';
import { codeOf, type Trouble, troubleOf } from './providerTrouble.ts';
import { returnPath } from './returnPath.ts';
import type { Sessions, Visitor } from './sessions.ts';
import { attemptDigest, attemptText, newAttempt, readAttempt, type SignInAttempt } from './signInAttempt.ts';

interface Deps {
  pool: Pool;
  provider: Provider;
  sessions: Sessions;
  oidc: Pick<NonNullable<Config['oidc']>, 'roleClaim' | 'roleMap'>;
  publicUrl: string;
  log: Log;
  onOutcome: (outcome: string) => void;
}

/** Refusals written down in a minute by one process. The log can only grow, and anybody may be refused. */
const AUDITED_A_MINUTE = 120;
/** All calls of one sign-in together; a page has to stand within five seconds. */
const EXCHANGE_MS = 4_500;

type Reason = Trouble | 'no_attempt' | 'state_mismatch' | 'replayed' | 'no_role';

const SENTENCES: Record<Trouble, string> = {
  provider_unavailable: 'The identity provider did not answer. Try again in a moment; API tokens work meanwhile.',
  client_refused: 'The identity provider does not accept this console. Its settings have to be corrected.',
  provider_refused: 'The identity provider did not let you sign in here, or the sign-in was called off.',
  answer_invalid: 'The answer of the identity provider cannot be believed.',
};

/** Signing in and out: every step that is not HTTP. Each outcome is audited, and no secret with it. */
export function createSignIn({ pool, provider, sessions, oidc, publicUrl, log, onOutcome }: Deps): SignIn {
  let minute = { began: 0, rows: 0 };

  async function refused(reason: Reason, visitor: Visitor, more: Record<string, unknown> = {}): Promise<void> {
    onOutcome(reason);
    if (Date.now() - minute.began > 60_000) minute = { began: Date.now(), rows: 0 };
    minute.rows += 1;
    if (minute.rows > AUDITED_A_MINUTE) return;
    const { name = 'nobody' } = more;
    const payload = { reason, ...more, address: visitor.address };
    await appendAudit(pool, [{ action: 'console.session.refused', payload, actor: String(name) }]);
  }

  /** The attempt that this answer belongs to, taken once. */
  async function taken(text: string | null, answer: URLSearchParams, visitor: Visitor): Promise<SignInAttempt> {
    const attempt = text === null ? null : readAttempt(text);
    if (attempt === null) {
      await refused('no_attempt', visitor);
      throw failed('No sign-in was begun in this browser, or it was begun too long ago.');
    }
    if (answer.getAll('state').join() !== attempt.state) {
      await refused('state_mismatch', visitor);
      throw failed('This answer belongs to another sign-in than the one that was begun last in this browser.');
    }
    const { rowCount } = await pool.query('insert into spent_sign_ins (digest) values ($1) on conflict do nothing', [
      attemptDigest(attempt),
    ]);
    if (rowCount !== 1) {
      await refused('replayed', visitor);
      throw failed('This answer of the identity provider was used already.');
    }
    return attempt;
  }

  async function exchanged(answer: URLSearchParams, attempt: SignInAttempt, visitor: Visitor): Promise<Vouched> {
    try {
      return await inTime(provider.exchange(answer, attempt));
    } catch (error) {
      const trouble = troubleOf(error);
      const code = codeOf(error);
      log.warn({ code, trouble }, 'sign-in refused');
      await refused(trouble, visitor, { code });
      if (trouble !== 'provider_unavailable') throw failed(SENTENCES[trouble]);
      throw new Problem('identity_provider_unavailable', SENTENCES[trouble]);
    }
  }

  return {
    provider: provider.host,
    trouble: provider.trouble,

    async begin({ to, asSomebodyElse }) {
      const attempt = newAttempt(returnPath(to));
      try {
        const url = await provider.authorizationUrl(attempt, asSomebodyElse ? 'login' : undefined);
        return { url, attempt: attemptText(attempt) };
      } catch (error) {
        onOutcome('provider_unavailable');
        throw new Problem('identity_provider_unavailable', SENTENCES.provider_unavailable, { cause: error });
      }
    },

    async complete({ attempt: text, answer, visitor, replaces }) {
      const attempt = await taken(text, answer, visitor);
      const { subject, claims, idToken } = await exchanged(answer, attempt, visitor);
      const { name, role } = personOf(subject, claims, oidc);
      if (role === null) {
        await refused('no_role', visitor, { name, subject });
        const sentence = `You are ${name} to the identity provider, and none of your groups has a role here.`;
        throw new Problem('no_role', `${sentence} Ask whoever looks after this console.`);
      }
      const session = await sessions.open({ subject, name, role, hint: idToken, replaces, ...visitor });
      onOutcome('signed_in');
      return { ...session, to: attempt.to };
    },

    async end(token) {
      const ended = await sessions.signOut(token);
      if (ended === null) return { providerUrl: null };
      onOutcome('signed_out');
      if (ended.hint === null) return { providerUrl: null };
      // The session here has ended whatever the provider does.
      return { providerUrl: await provider.signOutUrl(ended.hint, `${publicUrl}/sign-in`).catch(() => null) };
    },
  };
}

/** Nothing comes of an answer that is too late: nobody waits for it any more, so nobody must be signed in by it. */
const inTime = <T>(work: Promise<T>): Promise<T> =>
  withTimeout(EXCHANGE_MS, work, () => Object.assign(new Error('the provider took too long'), { code: 'ETIMEDOUT' }));

const failed = (message: string): Problem => new Problem('sign_in_failed', `${message} Sign in again.`);

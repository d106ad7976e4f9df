import type { Pool } from 'pg';
import { expect, it } from 'vitest';
import type { Provider } from '../../src/identity/provider.ts';
import type { Sessions } from '../../src/identity/sessions.ts';
import { createSignIn } from '../../src/identity/signIn.ts';
import { encodeAttempt, newAttempt } from '../../src/identity/signInAttempt.ts';
import { createLog } from '../../src/log/log.ts';

/** The refusal of a person with these claims, for the person and in the audit log. */
async function refusalOf(claims: Record<string, unknown>) {
  const queries: unknown[] = [];
  const query = async (...args: unknown[]) => {
    queries.push(args);
    return { rowCount: 1, rows: [] };
  };
  const identity = {
    subject: '4711',
    claims: { preferred_username: 'ada', ...claims },
    authenticatedAt: null,
    idToken: 'x',
  };
  const signIn = createSignIn({
    pool: { query } as unknown as Pool,
    provider: { host: 'id.example.com', exchange: async () => identity } as unknown as Provider,
    sessions: {} as Sessions,
    roles: { endPerson: async () => 0 },
    oidc: { issuerUrl: 'https://id.example.com', roleClaim: 'groups', roleMap: [{ group: 'sre', role: 'admin' }] },
    adminSignInMinutes: 0,
    publicUrl: 'https://console.example.com',
    log: createLog({ level: 'silent' }),
    onOutcome: () => undefined,
    refused: () => undefined,
    logout: async () => ({ ended: 0 }),
    roleCheckMinutes: 15,
  });
  const attempt = newAttempt('/console/status');
  const answer = new URLSearchParams({ state: attempt.state });
  const visitor = { address: '127.0.0.1', userAgent: '' };
  const refused = signIn.complete({
    attempt: encodeAttempt(attempt),
    answer,
    visitor,
    replaces: null,
    mayCall: async () => undefined,
  });
  const error = await refused.then(
    () => new Error('signed in'),
    (error: Error) => error,
  );
  return { message: error.message, audited: JSON.stringify(queries) };
}

it.each([
  [
    '_claim_names',
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } },
  ],
  ['hasgroups', { hasgroups: true }],
])('a person with too many groups for a token (%s) reads that, and what an administrator can do', async (_, claims) => {
  const { message, audited } = await refusalOf(claims);
  expect(message).toMatch(
    /^You are signed in .* as ada \(unverified, 4711\), but it sent no groups, because you are in too many .* administrator can/,
  );
  expect(audited).toContain('group_overage');
});

it.each([
  [{ groups: ['sales', 'dev'] }, 'the claim groups is ["sales","dev"]'],
  [{ groups: { sre: true } }, 'the claim groups is {"sre":true}'],
  [{ roles: ['sre'] }, 'there is no claim groups'],
])('a person whose groups %j have no role reads what the provider sent', async (claims, received) => {
  const { message, audited } = await refusalOf(claims);
  expect(message).toContain(`none of your groups has a role here: ${received}.`);
  expect(audited).toContain(JSON.stringify(JSON.stringify(received)).slice(3, -3));
});

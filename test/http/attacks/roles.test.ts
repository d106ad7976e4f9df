import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type CookieClient, createCookieClient, SESSION, signIn } from '../../support/cookieClient.ts';
import { watchedClient } from '../../support/identityProvider.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../../support/signInEnvironment.ts';

/** Two web processes, and a real provider that gives refresh tokens and tells when people sign out. */
let environment: SignInEnvironment;
beforeAll(async () => {
  environment = await startSignInEnvironment({}, { client: watchedClient });
});
afterAll(() => environment.close());
beforeEach(() => environment.database.pool.query('delete from sessions'));

const status = async (visitor: CookieClient, path = '/console/status', at = environment.url) =>
  (await visitor.get(at + path, { accept: 'application/json' })).status;
/** Of the same session in both processes. */
async function statuses(visitor: CookieClient, path?: string): Promise<number[]> {
  const copy = visitor.copy();
  copy.setCookie(environment.second, SESSION, visitor.cookie(environment.url, SESSION) ?? '');
  return [await status(visitor, path), await status(copy, path, environment.second)];
}
async function person(name: string): Promise<CookieClient> {
  const visitor = createCookieClient();
  await signIn(visitor, environment.url, name);
  expect(await status(visitor)).toBe(200);
  return visitor;
}
const lastAudit = async (action: string) =>
  (
    await environment.database.pool.query(
      'select actor, issuer, subject, payload from audit_log where action = $1 order by id desc limit 1',
      [action],
    )
  ).rows[0];
const minutesPass = (minutes: number) =>
  environment.database.pool.query(
    `update sessions set role_confirmed_at = clock_timestamp() - interval '${minutes} minutes', role_asked_at = null`,
  );
/** How many answers about a role are under way. Each takes less than ten seconds, or has failed. */
const underWay = async () =>
  (
    await environment.database.pool.query<{ n: number }>(
      "select count(*)::int as n from sessions where role_asked_at > clock_timestamp() - interval '10 seconds'",
    )
  ).rows[0]?.n;
const ADMINS_ONLY = '/console/sessions';

it('a demoted admin loses the rights within the interval without signing out, in every process and browser', async () => {
  environment.provider.people.rita = { roles: ['sre'] };
  const [rita, elsewhere] = [await person('rita'), await person('rita')];
  environment.provider.people.rita = { roles: ['everyone'] };
  await minutesPass(14);
  expect(await statuses(rita, ADMINS_ONLY)).toEqual([200, 200]);
  await minutesPass(15);
  // A request waits two seconds for the provider, whose later answer counts for the next one.
  await expect.poll(() => statuses(rita, ADMINS_ONLY)).toEqual([403, 403]);
  expect(await statuses(elsewhere, ADMINS_ONLY)).toEqual([403, 403]);
  expect(await statuses(rita)).toEqual([200, 200]);
  expect(await lastAudit('console.session.role_changed')).toMatchObject({
    ...{ actor: 'rita@example.com', issuer: environment.provider.issuer, subject: 'rita' },
    payload: { from: 'admin', to: 'viewer' },
  });

  await expect.poll(underWay).toBe(0);

  // The provider replaces a refresh token at each use.
  environment.provider.people.rita = { roles: ['sre'] };
  await minutesPass(16);
  await expect.poll(() => statuses(rita, ADMINS_ONLY)).toEqual([200, 200]);
});

it('a person who was removed from all groups is signed out', async () => {
  environment.provider.people.rolf = { roles: ['support'] };
  const rolf = await person('rolf');
  environment.provider.people.rolf = { roles: ['sales'] };
  await minutesPass(16);
  await expect.poll(() => statuses(rolf)).toEqual([401, 401]);
  expect((await lastAudit('console.session.ended')).payload).toMatchObject({
    name: 'rolf@example.com',
    reason: 'no_role',
  });
});

it('a demoted admin who signs in again has the lower role in every process and browser at once', async () => {
  environment.provider.people.rosa = { roles: ['sre'] };
  const rosa = await person('rosa');
  expect(await statuses(rosa, ADMINS_ONLY)).toEqual([200, 200]);
  environment.provider.people.rosa = { roles: ['everyone'] };
  const elsewhere = await person('rosa');
  expect([...(await statuses(rosa, ADMINS_ONLY)), ...(await statuses(elsewhere, ADMINS_ONLY))]).toEqual(
    Array(4).fill(403),
  );
  expect(await statuses(rosa)).toEqual([200, 200]);
});

it('a person without any role who signs in again is refused, and signed out in every process and browser', async () => {
  environment.provider.people.rudi = { roles: ['support'] };
  const [rudi, vic] = [await person('rudi'), await person('vic')];
  environment.provider.people.rudi = { roles: ['sales'] };
  expect((await signIn(createCookieClient(), environment.url, 'rudi')).status).toBe(403);
  expect([await statuses(rudi), await statuses(vic)]).toEqual([
    [401, 401],
    [200, 200],
  ]);
  expect((await lastAudit('console.session.ended')).payload).toMatchObject({
    name: 'rudi@example.com',
    reason: 'no_role',
  });
});

it('a sign-out at the provider ends the session in every process at once, and no other session', async () => {
  const [vic, elsewhere, olga] = [await person('vic'), await person('vic'), await person('olga')];
  const copy = vic.copy();
  copy.setCookie(environment.second, SESSION, vic.cookie(environment.url, SESSION) ?? '');
  const stream = await copy.get(`${environment.second}/console/events`, { accept: 'text/event-stream' });
  const events = stream.text();

  const { issuer } = environment.provider;
  const asked = await (await vic.get(`${issuer}/session/end`)).text();
  const xsrf = /name="xsrf" value="([^"]+)"/.exec(asked)?.[1] ?? '';
  await vic.submit(`${issuer}/session/end/confirm`, { xsrf, logout: 'yes' });

  // The provider answers after 2.5 s also if the console has not answered it by then.
  await expect.poll(() => statuses(vic)).toEqual([401, 401]);
  expect(await events).toContain('event: signed-out');
  expect([await status(elsewhere), await status(olga)]).toEqual([200, 200]);
  expect(await lastAudit('console.session.ended')).toMatchObject({
    ...{ actor: 'vic@example.com', issuer, subject: 'vic', payload: { reason: 'signed_out' } },
  });
});

it('a forged sign-out ends nothing, answers 400 and leaves a trace', async () => {
  const vic = await person('vic');
  const unsigned = [{ alg: 'none' }, { iss: environment.provider.issuer, aud: 'console', sub: 'vic' }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const path = `${environment.url}/sign-in/back-channel-logout`;
  const send = (logout_token: string, headers = {}) =>
    fetch(path, { method: 'POST', body: new URLSearchParams({ logout_token }), headers });
  const answer = await send(`${unsigned}.`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store']);
  expect((await fetch(path, { method: 'POST' })).status).toBe(400);
  expect((await send(`${unsigned}.`, { origin: 'http://evil.test' })).status).toBe(403);
  expect(await status(vic)).toBe(200);
  expect(environment.lines.filter((line) => line.includes('"refusal":"bad_logout_token"'))).not.toEqual([]);
});

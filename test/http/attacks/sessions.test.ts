import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CookieClient, createCookieClient, formToken, SESSION, signIn } from '../../support/cookieClient.ts';
import { eventually } from '../../support/eventually.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../../support/signInEnvironment.ts';

let environment: SignInEnvironment;
beforeAll(async () => {
  environment = await startSignInEnvironment();
});
afterAll(() => environment.close());
beforeEach(() => environment.database.pool.query('delete from sessions'));

const status = async (visitor: CookieClient, path = '/console/status', at = environment.url) =>
  (await visitor.get(at + path, { accept: 'application/json' })).status;
const set = (change: string) => environment.database.pool.query(`update sessions set ${change}`);

async function person(name: string): Promise<CookieClient> {
  const visitor = createCookieClient();
  await signIn(visitor, environment.url, name);
  expect(await status(visitor)).toBe(200);
  return visitor;
}

/** A copy of the client that sends its cookie to the second process. */
function elsewhere(visitor: CookieClient): CookieClient {
  const copy = visitor.copy();
  copy.setCookie(environment.second, SESSION, visitor.cookie(environment.url, SESSION) ?? '');
  return copy;
}

describe('attacks on sessions', () => {
  it('a request without a session is refused, and a page redirects to sign-in', async () => {
    expect(await status(createCookieClient())).toBe(401);
    const page = await createCookieClient().get(`${environment.url}/console/flags`);
    expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?to=%2Fconsole%2Fflags']);
  });

  it('a session beyond the idle limit is refused', async () => {
    const visitor = await person('ada');
    await set(`last_used_at = clock_timestamp() - interval '119 minutes'`);
    expect(await status(visitor)).toBe(200);
    await set(`last_used_at = clock_timestamp() - interval '121 minutes'`);
    expect(await status(visitor)).toBe(401);
  });

  it('a session beyond its maximum age is refused even if it was just used', async () => {
    const visitor = await person('ada');
    await set(`expires_at = clock_timestamp() - interval '1 second', last_used_at = clock_timestamp()`);
    expect(await status(visitor)).toBe(401);
  });

  it('background requests of an open page do not extend a session', async () => {
    const visitor = await person('ada');
    await set(`last_used_at = clock_timestamp() - interval '119 minutes'`);
    await visitor.get(`${environment.url}/console/status`, { 'hx-request': 'true' });
    const { rows } = await environment.database.pool.query(
      `select last_used_at < clock_timestamp() - interval '1 hour' as untouched from sessions`,
    );
    expect(rows).toEqual([{ untouched: true }]);
  });

  it('a forged session cookie is refused', async () => {
    const visitor = await person('ada');
    const cookie = visitor.cookie(environment.url, SESSION) ?? '';
    const [token = ''] = cookie.split('.');
    const csrf = await formToken(visitor, `${environment.url}/console/status`);
    const signed = (value: string, secret: string, purpose: string) =>
      `${value}.${createHmac('sha256', secret).update(`${purpose}\n${value}`).digest('base64url')}`;
    const forgeries = [
      token,
      `${token}.`,
      `${token}.AAAA`,
      `${cookie}x`,
      signed(token, 'another-secret-of-more-than-32-characters', 'session'),
      signed(token, 'a-session-secret-of-more-than-32-characters', 'csrf'),
      signed('guessed', 'a-session-secret-of-more-than-32-characters', 'session'),
      csrf,
      "' or true --",
    ];
    for (const forged of forgeries) {
      visitor.setCookie(environment.url, SESSION, forged);
      expect([forged, await status(visitor)]).toEqual([forged, 401]);
    }
  });

  it('the database does not contain the session token', async () => {
    const visitor = await person('ada');
    const [token = ''] = (visitor.cookie(environment.url, SESSION) ?? '').split('.');
    const { rows } = await environment.database.pool.query('select sessions::text as all from sessions');
    expect(rows[0]?.all).not.toContain(token);
    expect(rows[0]?.all).not.toContain(Buffer.from(token).toString('hex'));
  });

  it('a revoked session is refused at once in every process', async () => {
    const [ada, vic] = [await person('ada'), await person('vic')];
    const vicElsewhere = elsewhere(vic);
    expect(await status(vicElsewhere, '/console/status', environment.second)).toBe(200);
    const { rows } = (await (
      await ada.get(`${environment.url}/console/sessions`, { accept: 'application/json' })
    ).json()) as { rows: { id: string; name: string }[] };
    const id = rows.find(({ name }) => name === 'vic@example.com')?.id;
    const _csrf = await formToken(ada, `${environment.url}/console/sessions`);
    expect((await ada.submit(`${environment.url}/console/sessions/${id}/revoke`, { _csrf })).status).toBe(303);
    expect([await status(vic), await status(vicElsewhere, '/console/status', environment.second)]).toEqual([401, 401]);
    expect(await status(ada)).toBe(200);
    const audited = await environment.audit('console.session.revoked');
    expect(audited.filter(({ payload }) => payload.session_id === id)).toEqual([
      { payload: { session_id: id, name: 'vic@example.com', by: 'ada@example.com' }, actor: 'ada@example.com' },
    ]);
  });

  it('revoking a session ends its event stream in another process', async () => {
    const vic = elsewhere(await person('vic'));
    const stream = await vic.get(`${environment.second}/console/events`, { accept: 'text/event-stream' });
    const events = stream.text();
    const ada = await person('ada');
    const _csrf = await formToken(ada, `${environment.url}/console/sessions`);
    const { rows } = await environment.database.pool.query("select id from sessions where name = 'vic@example.com'");
    await ada.submit(`${environment.url}/console/sessions/${rows[0].id}/revoke`, { _csrf });
    expect(await events).toContain('event: signed-out');
  });

  it('a copied cookie is refused after the sign-out', async () => {
    const visitor = await person('olga');
    const copy = visitor.copy();
    const _csrf = await formToken(visitor, `${environment.url}/console/status`);
    expect((await visitor.submit(`${environment.url}/sign-out`, { _csrf })).status).toBe(200);
    expect(visitor.cookie(environment.url, SESSION)).toBeUndefined();
    expect(await status(copy)).toBe(401);
  });

  it('a viewer cannot investigate and an operator cannot administer', async () => {
    const [vic, olga] = [await person('vic'), await person('olga')];
    const token = async (visitor: CookieClient) => ({
      _csrf: await formToken(visitor, `${environment.url}/console/status`),
    });
    const acts = { ...(await token(vic)) };
    expect((await vic.submit(`${environment.url}/console/status/investigate/api`, acts)).status).toBe(403);
    const flips = { ...(await token(olga)), enabled: 'true' };
    expect((await olga.submit(`${environment.url}/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET`, flips)).status).toBe(
      403,
    );
    expect(await status(olga, '/console/sessions')).toBe(403);
  });

  it('a person without a role cannot sign in', async () => {
    const visitor = createCookieClient();
    const answer = await signIn(visitor, environment.url, 'mallory');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('none of your groups has a role here');
    expect(await status(visitor)).toBe(401);
    const [refused] = await environment.audit('console.session.refused');
    expect(refused).toMatchObject({ payload: { reason: 'no_role', name: 'mallory@example.com' } });
  });

  it('a session cookie from before the sign-in is refused after it', async () => {
    const attacker = await person('vic');
    const planted = attacker.cookie(environment.url, SESSION) ?? '';
    const victim = createCookieClient();
    victim.setCookie(environment.url, SESSION, planted);
    await signIn(victim, environment.url, 'ada');
    expect(victim.cookie(environment.url, SESSION)).not.toBe(planted);
    expect(await status(victim, '/console/sessions')).toBe(200);
    expect(await status(attacker)).toBe(401);
  });
});

describe('the role of a session', () => {
  it('a changed role takes effect at the next sign-in', async () => {
    environment.provider.people.rita = { roles: ['support'] };
    const visitor = await person('rita');
    environment.provider.people.rita = { roles: ['sre'] };
    expect(await status(visitor, '/console/sessions')).toBe(403);
    await signIn(visitor, environment.url, 'rita');
    expect(await status(visitor, '/console/sessions')).toBe(200);
    await eventually(async () => {
      const { rows } = await environment.database.pool.query(
        'select count(*)::int as n from sessions where ended_at is null',
      );
      expect(rows).toEqual([{ n: 1 }]);
    });
  });
});

describe('the name of an act', () => {
  it('a person who calls themselves like another one is audited as themselves, and keeps their session', async () => {
    const claims = { email: 'ada@example.com', email_verified: false, preferred_username: 'ada@example.com' };
    environment.provider.people.eve = { roles: ['support'], claims };
    const [ada, eve] = [await person('ada'), await person('eve')];
    const signedIn = await environment.audit('console.session.signed_in');
    expect(signedIn.slice(-2).map(({ actor }) => actor)).toEqual([
      'ada@example.com',
      'ada@example.com (unverified, eve)',
    ]);
    const { rows } = await environment.database.pool.query(
      `select issuer, subject from audit_log where actor like '%(unverified, eve)'`,
    );
    expect(rows).toEqual([{ issuer: environment.provider.issuer, subject: 'eve' }]);
    expect([await status(ada), await status(eve)]).toEqual([200, 200]);
  });

  it("people see and end their own sessions, and nobody else's", async () => {
    const [vic, other, olga] = [await person('vic'), await person('vic'), await person('olga')];
    const path = `${environment.url}/console/my-sessions`;
    const list = async (visitor: CookieClient) =>
      ((await (await visitor.get(path, { accept: 'application/json' })).json()) as { rows: { id: string }[] }).rows;
    const [newest, oldest] = await list(vic);
    expect([(await list(vic)).length, (await list(olga)).length]).toEqual([2, 1]);
    const revoke = async (visitor: CookieClient, id = '') =>
      (await visitor.submit(`${path}/${id}/revoke`, { _csrf: await formToken(visitor, path) })).status;
    expect(await revoke(olga, oldest?.id)).toBe(404);
    expect(await revoke(vic, newest?.id)).toBe(303);
    expect([await status(vic), await status(other)]).toEqual([200, 401]);
  });
});

it('an admin who must have signed in recently has to do so again before a change', async () => {
  const strict = await startSignInEnvironment({ ADMIN_SIGN_IN_MINUTES: '10' });
  try {
    const ada = createCookieClient();
    await signIn(ada, strict.url, 'ada');
    const page = `${strict.url}/console/flags`;
    const flip = async () => {
      const fields = { _csrf: await formToken(ada, page), enabled: 'true' };
      return ada.submit(`${page}/FLAG_CONSOLE_ALERTS_AUTO_TICKET`, fields);
    };
    const refused = await flip();
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('/sign-in/start?as=again')]);
    await signIn(ada, strict.url, 'ada', '?as=again');
    expect((await flip()).status).toBe(303);
    await strict.database.pool.query(`update sessions set authenticated_at = now() - interval '11 minutes'`);
    expect((await flip()).status).toBe(403);
  } finally {
    await strict.close();
  }
});

it('only admins see from where people sign in and the ids of their sessions, or can search for them', async () => {
  const [ada, vic] = [await person('ada'), await person('vic')];
  const { rows } = await environment.database.pool.query("select id from sessions where name = 'vic@example.com'");
  const audit = async (visitor: CookieClient, q: string) => {
    const path = `/console/audit?${new URLSearchParams({ action: 'console.session.signed_in', q })}`;
    return (await visitor.get(environment.url + path, { accept: 'application/json' })).text();
  };
  expect(await audit(ada, rows[0].id)).toContain('"address":"127.0.0.1"');
  expect(await audit(vic, 'vic@example.com')).toContain('"role":"viewer"');
  expect(await audit(vic, 'vic@example.com')).not.toMatch(/127\.0\.0\.1|session_id/);
  for (const hidden of [rows[0].id, '127.0.0.1']) expect(JSON.parse(await audit(vic, hidden)).rows).toEqual([]);
});

it('log and audit contain no token, code or secret', async () => {
  const visitor = await person('ada');
  const [token = ''] = (visitor.cookie(environment.url, SESSION) ?? '').split('.');
  const text = environment.lines.join('\n');
  expect(text).not.toContain(token);
  expect(text).not.toContain('a-client-secret-that-nobody-guesses');
  expect(text).not.toMatch(/code=|id_token|eyJ/);
  const { rows } = await environment.database.pool.query(
    'select string_agg(payload::text, chr(10)) as all from audit_log',
  );
  expect(rows[0].all).not.toMatch(/eyJ|code_verifier|[\w-]{43}/);
});

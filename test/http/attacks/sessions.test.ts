import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CookieClient, createCookieClient, formToken, SESSION, signIn } from '../../support/cookieClient.ts';
import { eventually } from '../../support/eventually.ts';
import { type SignInEnvironment, startSignInEnvironment } from '../../support/signInEnvironment.ts';

let house: SignInEnvironment;
beforeAll(async () => {
  house = await startSignInEnvironment();
});
afterAll(() => house.close());
beforeEach(() => house.database.pool.query('delete from sessions'));

const status = async (visitor: CookieClient, path = '/console/status', at = house.url) =>
  (await visitor.get(at + path, { accept: 'application/json' })).status;
const set = (change: string) => house.database.pool.query(`update sessions set ${change}`);

async function person(name: string): Promise<CookieClient> {
  const visitor = createCookieClient();
  await signIn(visitor, house.url, name);
  expect(await status(visitor)).toBe(200);
  return visitor;
}

/** The same cookie as a browser would send it to the other process. */
function elsewhere(visitor: CookieClient): CookieClient {
  const copy = visitor.copy();
  copy.setCookie(house.second, SESSION, visitor.cookie(house.url, SESSION) ?? '');
  return copy;
}

describe('refused:', () => {
  it('no session', async () => {
    expect(await status(createCookieClient())).toBe(401);
    const page = await createCookieClient().get(`${house.url}/console/flags`);
    expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?to=%2Fconsole%2Fflags']);
  });

  it('a session that was not used for too long', async () => {
    const visitor = await person('ada');
    await set(`last_used_at = clock_timestamp() - interval '119 minutes'`);
    expect(await status(visitor)).toBe(200);
    await set(`last_used_at = clock_timestamp() - interval '121 minutes'`);
    expect(await status(visitor)).toBe(401);
  });

  it('a session that is too old, however much it was used', async () => {
    const visitor = await person('ada');
    await set(`expires_at = clock_timestamp() - interval '1 second', last_used_at = clock_timestamp()`);
    expect(await status(visitor)).toBe(401);
  });

  it('a session that only an open page kept asking with', async () => {
    const visitor = await person('ada');
    await set(`last_used_at = clock_timestamp() - interval '119 minutes'`);
    await visitor.get(`${house.url}/console/status`, { 'hx-request': 'true' });
    const { rows } = await house.database.pool.query(
      `select last_used_at < clock_timestamp() - interval '1 hour' as untouched from sessions`,
    );
    expect(rows).toEqual([{ untouched: true }]);
  });

  it('a forged session', async () => {
    const visitor = await person('ada');
    const cookie = visitor.cookie(house.url, SESSION) ?? '';
    const [token = ''] = cookie.split('.');
    const csrf = await formToken(visitor, `${house.url}/console/status`);
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
      visitor.setCookie(house.url, SESSION, forged);
      expect([forged, await status(visitor)]).toEqual([forged, 401]);
    }
  });

  it('what lies in the database, in place of what the browser holds', async () => {
    const visitor = await person('ada');
    const [token = ''] = (visitor.cookie(house.url, SESSION) ?? '').split('.');
    const { rows } = await house.database.pool.query('select sessions::text as all from sessions');
    expect(rows[0]?.all).not.toContain(token);
    expect(rows[0]?.all).not.toContain(Buffer.from(token).toString('hex'));
  });

  it('a revoked session, at once and in every process', async () => {
    const [ada, vic] = [await person('ada'), await person('vic')];
    const vicElsewhere = elsewhere(vic);
    expect(await status(vicElsewhere, '/console/status', house.second)).toBe(200);
    const { rows } = (await (
      await ada.get(`${house.url}/console/sessions`, { accept: 'application/json' })
    ).json()) as { rows: { id: string; name: string }[] };
    const id = rows.find(({ name }) => name === 'vic@example.com')?.id;
    const _csrf = await formToken(ada, `${house.url}/console/sessions`);
    expect((await ada.submit(`${house.url}/console/sessions/${id}/revoke`, { _csrf })).status).toBe(303);
    expect([await status(vic), await status(vicElsewhere, '/console/status', house.second)]).toEqual([401, 401]);
    expect(await status(ada)).toBe(200);
    expect(await house.audit('console.session.revoked')).toEqual([
      { payload: { session_id: id, name: 'vic@example.com', by: 'ada@example.com' }, actor: 'ada@example.com' },
    ]);
  });

  it('a stream that was opened before the session was revoked, in another process', async () => {
    const vic = elsewhere(await person('vic'));
    const stream = await vic.get(`${house.second}/console/events`, { accept: 'text/event-stream' });
    const heard = stream.text();
    const ada = await person('ada');
    const _csrf = await formToken(ada, `${house.url}/console/sessions`);
    const { rows } = await house.database.pool.query("select id from sessions where name = 'vic@example.com'");
    await ada.submit(`${house.url}/console/sessions/${rows[0].id}/revoke`, { _csrf });
    expect(await heard).toContain('event: signed-out');
  });

  it('a session after its holder signed out, from a copy of the cookie', async () => {
    const visitor = await person('olga');
    const copy = visitor.copy();
    const _csrf = await formToken(visitor, `${house.url}/console/status`);
    expect((await visitor.submit(`${house.url}/sign-out`, { _csrf })).status).toBe(200);
    expect(visitor.cookie(house.url, SESSION)).toBeUndefined();
    expect(await status(copy)).toBe(401);
  });

  it('another role: a viewer who acts, an operator who administers', async () => {
    const [vic, olga] = [await person('vic'), await person('olga')];
    const token = async (visitor: CookieClient) => ({ _csrf: await formToken(visitor, `${house.url}/console/status`) });
    const acts = { ...(await token(vic)) };
    expect((await vic.submit(`${house.url}/console/status/investigate/api`, acts)).status).toBe(403);
    const flips = { ...(await token(olga)), enabled: 'true' };
    expect((await olga.submit(`${house.url}/console/flags/FLAG_CONSOLE_ALERTS_AUTO_TICKET`, flips)).status).toBe(403);
    expect(await status(olga, '/console/sessions')).toBe(403);
  });

  it('somebody who has no role, however well they are known', async () => {
    const visitor = createCookieClient();
    const answer = await signIn(visitor, house.url, 'mallory');
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('none of your groups has a role here');
    expect(await status(visitor)).toBe(401);
    const [refused] = await house.audit('console.session.refused');
    expect(refused).toMatchObject({ payload: { reason: 'no_role', name: 'mallory@example.com' } });
  });

  it('session fixation: a cookie from before the sign-in opens nothing after it', async () => {
    const attacker = await person('vic');
    const planted = attacker.cookie(house.url, SESSION) ?? '';
    const victim = createCookieClient();
    victim.setCookie(house.url, SESSION, planted);
    await signIn(victim, house.url, 'ada');
    expect(victim.cookie(house.url, SESSION)).not.toBe(planted);
    expect(await status(victim, '/console/sessions')).toBe(200);
    expect(await status(attacker)).toBe(401);
  });
});

describe('a role', () => {
  it('is that of the sign-in until the next one', async () => {
    const visitor = await person('olga');
    house.provider.people.olga = { roles: ['sre'] };
    expect(await status(visitor, '/console/sessions')).toBe(403);
    await signIn(visitor, house.url, 'olga');
    expect(await status(visitor, '/console/sessions')).toBe(200);
    await eventually(async () => {
      const { rows } = await house.database.pool.query(
        'select count(*)::int as n from sessions where ended_at is null',
      );
      expect(rows).toEqual([{ n: 1 }]);
    });
  });
});

it('no line of the log tells a token, a code or a secret', async () => {
  const visitor = await person('ada');
  const [token = ''] = (visitor.cookie(house.url, SESSION) ?? '').split('.');
  const text = house.lines.join('\n');
  expect(text).not.toContain(token);
  expect(text).not.toContain('a-client-secret-that-nobody-guesses');
  expect(text).not.toMatch(/code=|id_token|eyJ/);
  const { rows } = await house.database.pool.query('select string_agg(payload::text, chr(10)) as all from audit_log');
  expect(rows[0].all).not.toMatch(/eyJ|code_verifier|[\w-]{43}/);
});

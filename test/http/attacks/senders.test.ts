import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SandboxFreeScout, startSandboxFreeScout } from '../../../src/sandbox/freescout/sandboxFreeScout.ts';
import { ticket } from '../../sandbox/freescout/freescoutFixture.ts';
import { createCookieClient, signIn } from '../../support/cookieClient.ts';
import { eventually } from '../../support/eventually.ts';
import {
  API_TOKEN,
  INGEST_TOKEN,
  type SignInEnvironment,
  startSignInEnvironment,
} from '../../support/signInEnvironment.ts';

const SECRET = 'a-webhook-secret-of-the-help-desk';

let desk: SandboxFreeScout;
let environment: SignInEnvironment;
beforeAll(async () => {
  desk = await startSandboxFreeScout({ apiKey: 'test-key-000000000000000000000000' });
  environment = await startSignInEnvironment({
    FREESCOUT_BASE_URL: desk.url,
    FREESCOUT_API_KEY: desk.apiKey,
    FREESCOUT_OPERATIONS_MAILBOX_ID: String(desk.operationsMailboxId),
    FREESCOUT_WEBHOOK_SECRET: SECRET,
  });
});
afterAll(async () => {
  await environment.close();
  await desk.stop();
});

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

describe('attacks with a token', () => {
  const send = (source: string, token: string) =>
    fetch(`${environment.url}/api/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(token) },
      body: JSON.stringify({ source, alerts: [] }),
    });

  it('an ingest token cannot send alerts of another source', async () => {
    expect((await send('prometheus', INGEST_TOKEN)).status).toBe(202);
    expect((await send('grafana', INGEST_TOKEN)).status).toBe(403);
  });

  it('an ingest token cannot read, and an API token cannot send alerts', async () => {
    const read = await fetch(`${environment.url}/console/alerts`, { headers: bearer(INGEST_TOKEN) });
    expect([read.status, (await send('prometheus', API_TOKEN)).status]).toEqual([403, 403]);
  });

  it('a shortened, extended or upper-case token is refused, and so is a token in the address', async () => {
    for (const token of [API_TOKEN.slice(0, -1), `${API_TOKEN}0`, API_TOKEN.toUpperCase()]) {
      expect((await fetch(`${environment.url}/console/flags`, { headers: bearer(token) })).status).toBe(401);
    }
    expect((await fetch(`${environment.url}/console/flags?access_token=${API_TOKEN}`)).status).toBe(401);
  });

  it('an invalid token with a valid session is refused', async () => {
    const ada = createCookieClient();
    await signIn(ada, environment.url, 'ada');
    expect((await ada.get(`${environment.url}/console/status`)).status).toBe(200);
    expect((await ada.get(`${environment.url}/console/status`, bearer('wrong'))).status).toBe(401);
  });
});

describe('attacks with a webhook', () => {
  const push = (body: string, signature: string) =>
    fetch(`${environment.url}/api/webhooks/freescout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-freescout-signature': signature },
      body,
    });
  const signed = (body: string, secret = SECRET) => createHmac('sha1', secret).update(body).digest('base64');

  it('a webhook with a missing or invalid signature is refused', async () => {
    const body = '{"id":1,"mailboxId":1}';
    const bad = [
      '',
      'x',
      signed(`${body} `),
      signed(body, 'other'),
      `sha1=${signed(body)}`,
      signed(body).toLowerCase(),
    ];
    for (const signature of bad) expect([signature, (await push(body, signature)).status]).toEqual([signature, 401]);
  });

  it('a replayed webhook only makes the console read the ticket from FreeScout', async () => {
    const headers = { 'content-type': 'application/json', 'x-freescout-api-key': desk.apiKey };
    const filed = JSON.stringify(ticket({ mailboxId: desk.operationsMailboxId }));
    const { headers: answer } = await fetch(`${desk.url}/api/conversations`, { method: 'POST', headers, body: filed });
    const id = Number(answer.get('resource-id'));
    await environment.database.pool.query(
      `insert into filings (id, marker, path, actor_id, subject_key, request, phase, ticket_id, ticket_url, ticket_status)
       values ('f', 'AT-REPLAYED0', 'investigate', 'surface:x', 'x', '{}', 'tagged', $1, 'u', 'closed')`,
      [id],
    );
    const stored = async () => (await environment.database.pool.query('select ticket_status from filings')).rows;
    const body = JSON.stringify({ id, mailboxId: desk.operationsMailboxId, status: 'spam', state: 'deleted' });
    expect((await push(body, signed(body))).status).toBe(200);
    await eventually(async () => expect(await stored()).not.toEqual([{ ticket_status: 'closed' }]));
    const looks = () => desk.state.requests.filter(({ url }) => url.startsWith(`/api/conversations/${id}`)).length;
    const before = looks();
    expect((await push(body, signed(body))).status).toBe(200);
    await eventually(() => expect(looks()).toBeGreaterThan(before));
    expect(await stored()).toEqual([{ ticket_status: 'active' }]);
    expect(await environment.audit('console.status.ticket_filed')).toEqual([]);
  });
});

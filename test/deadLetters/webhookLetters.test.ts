import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pagerduty } from '../../src/alerts/senders/pagerduty.ts';
import { alertIdOf, readRequest } from '../../src/alerts/senders/readRequest.ts';
import type { SenderRequest } from '../../src/alerts/senders/sender.ts';
import {
  editWebhook,
  type WebhookPayload,
  webhookLetters,
  webhookPayload,
} from '../../src/deadLetters/webhookLetters.ts';
import { createTestDatabase, type TestDatabase } from '../support/db.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const TEXT = '{"name":"Zürich","status":"TRIGGERED"';
const GZIP = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
const UTF16 = Buffer.from(`\ufeff${TEXT}`, 'utf16le');
const LATIN = { 'content-type': 'application/json; charset=ISO-8859-1' };

async function deadLetter(headers: Record<string, string>, body: Buffer, sender = 'gatus') {
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into webhook_requests (source, sender, method, headers, body, bytes, status, finished_at)
     values ('s', $4, 'POST', $1, $2, $3, 'dead', now()) returning 'webhook:' || id as id`,
    [JSON.stringify(headers), body, body.length, sender],
  );
  const id = rows[0]?.id ?? '';
  return { id, input: await inputOf(id) };
}

async function inputOf(id: string): Promise<unknown> {
  const sql = `select input from (${webhookLetters(200_000)}) w where id = $1`;
  return (await database.pool.query<{ input: unknown }>(sql, [id])).rows[0]?.input;
}

it.each([
  ['a compressed body', GZIP, gzipSync(TEXT), TEXT],
  ['a body in Latin-1', LATIN, Buffer.from(TEXT, 'latin1'), TEXT],
  [
    'a compressed body in Latin-1',
    { ...LATIN, 'content-encoding': 'gzip' },
    gzipSync(Buffer.from(TEXT, 'latin1')),
    TEXT,
  ],
  ['a body in UTF-16 with spaces', { 'content-type': 'application/json; charset = utf-16' }, UTF16, TEXT],
  ['a body in UTF-16 with quotes', { 'content-type': "application/json; charset='utf-16'" }, UTF16, TEXT],
  ['a body that cannot be decompressed', GZIP, Buffer.from(TEXT), TEXT],
])(
  '%s is shown as text, and what a person saves is what the sender’s adapter reads',
  async (_what, headers, body, text) => {
    const { id, input } = await deadLetter(headers, body);
    const payload: WebhookPayload = webhookPayload(input);
    expect(payload.body).toBe(text);
    const client = await database.pool.connect();
    await editWebhook(client, id, input, { ...payload, body: `${payload.body}}` });
    client.release();
    const { rows } = await database.pool.query<{ headers: Record<string, string>; body: Buffer; bytes: number }>(
      "select headers, body, bytes from webhook_requests where 'webhook:' || id = $1",
      [id],
    );
    const saved = Buffer.from(`${text}}`);
    expect(rows).toMatchObject([{ body: saved, bytes: saved.length }]);
    expect(rows[0]?.headers).not.toHaveProperty('content-encoding');
    expect(rows[0]?.headers['content-type']).toMatch(/^application\/json(; charset=utf-8)?$/);
  },
);

it('a body that is too long once it is decompressed cannot be edited', async () => {
  const { id, input } = await deadLetter(GZIP, gzipSync(' '.repeat(300_000)));
  const client = await database.pool.connect();
  const edit = editWebhook(client, id, input, { ...webhookPayload(input), body: '{}' });
  await expect(edit).rejects.toThrow('payload: A body of more than 200000 bytes cannot be edited.');
  client.release();
});

it('an event for PagerDuty without a key keeps the key that was answered, however often a person corrects it', async () => {
  const body = Buffer.from('{"event_action":"trigger","payload":{"summary":"Disk"');
  const headers = { 'content-type': 'application/json' };
  const sent = { method: 'POST', rest: '', query: '', headers, body };
  const { dedup_key: key } = pagerduty.accepted(sent, '1').body;
  const { id } = await deadLetter(headers, body, 'pagerduty');
  const client = await database.pool.connect();
  for (const event of [{ event_action: 'trigger' }, { event_action: 'trigger', payload: { summary: 'Disk' } }]) {
    const input = await inputOf(id);
    await editWebhook(client, id, input, { ...webhookPayload(input), body: JSON.stringify(event) });
  }
  client.release();
  const { rows } = await database.pool.query<SenderRequest>(
    "select method, rest, query, headers, body from webhook_requests where 'webhook:' || id = $1",
    [id],
  );
  const settings = { severity: {}, surfaceLabel: 'surface', surfaces: {}, mapping: null };
  const { alerts } = await readRequest(pagerduty, rows[0] ?? sent, settings);
  expect(alerts).toMatchObject([{ title: 'Disk', alert_id: alertIdOf([key]) }]);
});

it('the request of a client that deletes an alert can be corrected', async () => {
  const { id, input } = await deadLetter({}, Buffer.from(''), 'opsgenie');
  const client = await database.pool.connect();
  await editWebhook(client, id, input, { ...webhookPayload(input), method: 'DELETE', query: 'identifierType=alias' });
  client.release();
  expect(await inputOf(id)).toMatchObject({ method: 'DELETE', query: 'identifierType=alias' });
});

import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
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
const LATIN = { 'content-type': 'application/json; charset=ISO-8859-1' };

async function deadLetter(headers: Record<string, string>, body: Buffer) {
const UTF16 = Buffer.from(`\ufeff${TEXT}`, 'utf16le');
  const { rows } = await database.pool.query<{ id: string }>(
    `insert into webhook_requests (source, sender, method, headers, body, bytes, status, finished_at)
     values ('s', 'gatus', 'POST', $1, $2, $3, 'dead', now()) returning 'webhook:' || id as id`,
    [JSON.stringify(headers), body, body.length],
  );
  const id = rows[0]?.id ?? '';
  const read = await database.pool.query<{ input: unknown }>(
    `select input from (${webhookLetters(200_000)}) w where id = $1`,
    [id],
  );
  return { id, input: read.rows[0]?.input };
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
  ['a body that cannot be decompressed', GZIP, Buffer.from(TEXT), TEXT],
])(
  '%s is shown as text, and what a person saves is what the sender’s adapter reads',
  async (_what, headers, body, text) => {
  ['a body in UTF-16 with spaces', { 'content-type': 'application/json; charset = utf-16' }, UTF16, TEXT],
  ['a body in UTF-16 with quotes', { 'content-type': "application/json; charset='utf-16'" }, UTF16, TEXT],
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

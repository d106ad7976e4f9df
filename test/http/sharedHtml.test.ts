import http from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Ctx } from '../../src/http/context.ts';
import { type SharedHtml, sendParts, sharedHtml } from '../../src/http/sharedHtml.ts';
import * as samples from './samples.ts';
import { PAGE, start, visit } from './support.ts';

/** The part of a Koa context that an answer needs. */
async function sent(parts: (string | SharedHtml)[], encoding: string): Promise<{ body: Buffer; encoding?: string }> {
  const ctx = {
    method: 'GET',
    acceptsEncodings: (...offered: string[]) => offered.find((each) => each === encoding) ?? 'identity',
    set(_name: string, value: string) {
      answer.encoding = value;
    },
    set body(body: Buffer) {
      answer.body = body;
    },
  };
  const answer: { body: Buffer; encoding?: string } = { body: Buffer.alloc(0) };
  await sendParts(ctx as unknown as Ctx, parts);
  return answer;
}

test('parts that were compressed apart are one text, whatever stands beside them', async () => {
  const long = Array.from({ length: 40_000 }, (_, n) => `<li>${n} ${Math.sin(n)} ü€😀</li>`).join('');
  const shared = sharedHtml(long);
  const pages = [
    ['<main>', shared, '</main>'],
    [shared],
    ['', sharedHtml(''), ''],
    [shared, 'ü', shared],
    [long, shared, long],
    // Shorter parts are not compressed.
    ['x'.repeat(1_023), shared, 'x'.repeat(1_024)],
    ['ü'.repeat(512), shared, 'ü'.repeat(511)],
  ];
  for (const parts of pages) {
    const text = parts.map((part) => (typeof part === 'string' ? part : part.bytes.toString())).join('');
    const { body, encoding } = await sent(parts, 'gzip');
    expect([encoding, gunzipSync(body).toString() === text]).toEqual(['gzip', true]);
    expect((await sent(parts, 'identity')).body.toString() === text).toBe(true);
  }
});

test('a shared part is compressed once for all answers', async () => {
  const shared = sharedHtml('<p>shared</p>'.repeat(1_000));
  await sent(['one', shared], 'gzip');
  expect(await shared.deflated()).toBe(await shared.deflated());
});

test.each([
  ['gzip, deflate, br', 'gzip'],
  ['br', 'br'],
  ['gzip;q=0', undefined],
  ['identity', undefined],
])('a caller that accepts %s gets the status page in the encoding %s', async (accepted, encoding) => {
  const app = await start();
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http
      .get(`${app.url}/console/status`, { headers: { ...PAGE, 'accept-encoding': accepted } }, resolve)
      .once('error', reject);
  });
  answer.resume();
  expect([answer.statusCode, answer.headers['content-encoding']]).toEqual([200, encoding]);
  expect(answer.headers.vary).toContain('Accept-Encoding');
});

test('readers share the tiles, and each has a token of their own', async () => {
  const surfaces = [samples.tile('web', { status: 'DOWN' })];
  const grid = samples.board(surfaces);
  const app = await start({ services: { statusGrid: async () => grid } });
  const [one, other] = [await visit(app, '/console/status'), await visit(app, '/console/status')];
  const page = await (await app.get('/console/status', { ...PAGE, cookie: one.cookie })).text();
  const tokens = [...page.matchAll(/name="_csrf" value="([^"]+)"/g)].map(([, token]) => token);
  expect(new Set([one.token, other.token, ...tokens]).size).toBe(2 + tokens.length);
  expect(tokens).toHaveLength(1);
});

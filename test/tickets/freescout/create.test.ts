import nock from 'nock';
import { describe, expect, test } from 'vitest';
import { registerSecrets } from '../../../src/log/secretTexts.ts';
import { aConversation, aDesk, BASE, failure, KEY, MAILBOX, NOT_FOUND, refused } from './fixtures.ts';

const ticket = { subject: '[AT-9F3C2A71QZ] DOWN: API (production) (api-prod)', html: '<p>It does not answer.</p>' };
const answering = (status: number, body?: nock.Body, headers?: nock.ReplyHeaders) =>
  nock(BASE).post('/api/conversations').reply(status, body, headers);

describe('the request', () => {
  test('is an imported e-mail conversation from the bot customer in the operations mailbox', async () => {
    const customer = { email: 'console-bot@example.com', firstName: 'Console', lastName: 'bot' };
    const scope = nock(BASE, {
      reqheaders: {
        'x-freescout-api-key': KEY,
        authorization: `Bearer ${KEY}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
    })
      .post('/api/conversations', {
        type: 'email',
        mailboxId: MAILBOX,
        subject: ticket.subject,
        status: 'active',
        imported: true,
        customer,
        threads: [{ type: 'customer', text: ticket.html, customer, imported: true }],
      })
      .reply(201, aConversation(), { 'Resource-ID': '412' });
    const { desk, calls } = aDesk();
    expect(await desk.create(ticket)).toEqual({ id: 412, url: `${BASE}/conversation/412` });
    expect(scope.isDone()).toBe(true);
    expect(calls).toEqual([['create', 'ok']]);
  });

  test('keeps the path under which FreeScout is installed', async () => {
    nock(BASE).post('/help/api/conversations').reply(201, '', { 'Resource-ID': '5' });
    const { desk } = aDesk({ baseUrl: `${BASE}/help/` });
    expect(await desk.create(ticket)).toEqual({ id: 5, url: `${BASE}/help/conversation/5` });
  });

  test('has a subject of one line and at most 200 characters, with the whole marker', async () => {
    let subject = '';
    nock(BASE)
      .post('/api/conversations', (body) => {
        subject = body.subject;
        return true;
      })
      .reply(201, { id: 1 });
    await aDesk().desk.create({ ...ticket, subject: `[AT-9F3C2A71QZ] P1:\n${'disk full 💥 '.repeat(40)}` });
    expect([...subject].length).toBeLessThanOrEqual(200);
    expect(subject).toMatch(/^\[AT-9F3C2A71QZ\] P1: disk full .*…$/u);
  });

  test('has a body of at most 100 KiB that is not cut within a tag or a character', async () => {
    let text = '';
    nock(BASE)
      .post('/api/conversations', (body) => {
        text = body.threads[0].text;
        return true;
      })
      .reply(201, { id: 1 });
    await aDesk().desk.create({ ...ticket, html: '<p title="größer">é&amp;</p>'.repeat(10_000) });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100 * 1024);
    expect(text.replace(/<p title="größer">|é|&amp;|<\/p>/g, '')).toBe('<p>(shortened)');
  });
});

describe('a usable answer', () => {
  test.each([
    ['201 with the header alone, as the documentation shows it', 201, '', { 'Resource-ID': '412' }],
    ['201 with the entity alone', 201, aConversation(), {}],
    ['201 with an id written as text', 201, { id: '412' }, {}],
    ['200 with the header', 200, ' ', { 'Resource-ID': '412' }],
  ])('is %s', async (_, status, body, headers) => {
    answering(status, body as nock.Body, headers as nock.ReplyHeaders);
    expect((await aDesk().desk.create(ticket)).id).toBe(412);
  });
});

describe('a create is in doubt, because the ticket may exist, after', () => {
  test.each([
    ['500', 500, { message: 'Server Error' }, 'unavailable'],
    ['502 with a page', 502, '<html>Bad Gateway</html>', 'unavailable'],
    ['503', 503, '', 'unavailable'],
    ['504', 504, '', 'unavailable'],
    [
      '200 with a list, as after a redirect that was followed',
      200,
      { _embedded: { conversations: [] } },
      'unavailable',
    ],
    ['200 with white space', 200, ' ', 'unavailable'],
    ['200 with a sign-in page', 200, '<!doctype html><title>Sign in</title>', 'unavailable'],
    ['201 without an id', 201, { subject: 'x' }, 'unavailable'],
    ['204', 204, undefined, 'unavailable'],
    ['404 of the module, when a workflow deletes the new ticket', 404, NOT_FOUND, 'rejected'],
    ['400 of a thread', 400, refused('user', '`user` parameter is required'), 'rejected'],
    [
      '400 of the customer',
      400,
      refused('customer.first_name', 'Customer first name or email is required.'),
      'rejected',
    ],
    ['400 with a page', 400, '<html>Bad Request</html>', 'unavailable'],
    ['400 of a gateway', 400, { message: 'bad request' }, 'unavailable'],
    ['400 with errors but without a message', 400, { _embedded: { errors: [] } }, 'unavailable'],
    ['404 of a gateway', 404, { message: 'no route' }, 'unavailable'],
    ['409 of a gateway', 409, { message: 'conflict' }, 'unavailable'],
    ['410 of a gateway', 410, '<html>Gone</html>', 'unavailable'],
    ['422 of a firewall', 422, { message: 'The given data was invalid.' }, 'unavailable'],
  ])('%s', async (_, status, body, problem) => {
    answering(status, body as nock.Body);
    expect(await failure(aDesk().desk.create(ticket))).toMatchObject({ problem, inDoubt: true, httpStatus: status });
  });

  test('a 201 whose header and body have different ids', async () => {
    answering(201, { id: 9 }, { 'Resource-ID': '412' });
    expect(await failure(aDesk().desk.create(ticket))).toMatchObject({ problem: 'unavailable', inDoubt: true });
  });
});

describe('a create has certainly filed nothing after', () => {
  test.each([
    ['401', 401, { message: 'Not Authorized' }, 'unauthorized', false],
    ['403 of the host check', 403, { message: 'Untrusted Host: 10.0.0.1.' }, 'forbidden', false],
    ['400 of the mailbox', 400, refused('mailboxId', 'Mailbox not found'), 'mailbox_not_found', false],
    ['400 of a body that was not read', 400, refused('subject', '`subject` parameter is required'), 'rejected', false],
    ['404 without the API module', 404, { message: '' }, 'unavailable', true],
    ['404 with a page', 404, '<html>Page Not Found</html>', 'unavailable', true],
    ['405', 405, { message: '' }, 'unavailable', true],
    ['413', 413, '<html>Too Large</html>', 'rejected', false],
    ['429', 429, '', 'unavailable', true],
  ])('%s', async (_, status, body, problem, retryable) => {
    answering(status, body as nock.Body);
    const error = await failure(aDesk().desk.create(ticket));
    expect(error).toMatchObject({ problem, retryable, inDoubt: false, httpStatus: status });
  });

  test.each([301, 302, 307, 308])('a redirect (%i), which is not followed', async (status) => {
    answering(status, '', { Location: `${BASE}/api/conversations/` });
    const error = await failure(aDesk().desk.create(ticket));
    expect(error).toMatchObject({ problem: 'unavailable', inDoubt: false, httpStatus: status });
    expect(error.message).toContain('redirects to https://tickets.example.com/api/conversations/');
  });

  test.each(['ECONNREFUSED', 'ENOTFOUND', 'CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT'])('%s', async (code) => {
    nock(BASE)
      .post('/api/conversations')
      .replyWithError(Object.assign(new Error('no'), { code }));
    const error = await failure(aDesk().desk.create(ticket));
    expect(error).toMatchObject({ problem: 'unavailable', retryable: true, inDoubt: false, code });
  });
});

describe('a failed create', () => {
  test('has the message of FreeScout on one line, without characters that a reader does not see', async () => {
    answering(403, { message: 'Un\u202etrusted\u0000\n\u200bHost.' });
    expect((await failure(aDesk().desk.create(ticket))).message).toContain('Its message: Untrusted Host.');
  });

  test('with a 429 has the time to wait, from seconds or a date', async () => {
    answering(429, '', { 'Retry-After': '17' });
    answering(503, '', { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() });
    const { desk } = aDesk();
    expect((await failure(desk.create(ticket))).retryAfterMs).toBe(17_000);
    expect((await failure(desk.create(ticket))).retryAfterMs).toBeGreaterThan(30_000);
  });

  test("compares a Retry-After date with the server's clock, and waits at most an hour", async () => {
    const date = 'Thu, 01 Jan 2026 12:00:00 GMT';
    answering(429, '', { Date: date, 'Retry-After': 'Thu, 01 Jan 2026 12:00:20 GMT' });
    answering(429, '', { Date: date, 'Retry-After': 'Fri, 02 Jan 2026 12:00:00 GMT' });
    answering(429, '', { 'Retry-After': '999999999' });
    const { desk } = aDesk();
    expect((await failure(desk.create(ticket))).retryAfterMs).toBe(20_000);
    expect((await failure(desk.create(ticket))).retryAfterMs).toBe(3_600_000);
    expect((await failure(desk.create(ticket))).retryAfterMs).toBe(3_600_000);
  });

  test('an error that quotes the headers of the request does not show the key', async () => {
    registerSecrets([KEY]);
    answering(413, { message: `Too large. X-FreeScout-API-Key: ${KEY}` });
    const { desk, warnings } = aDesk();
    const error = await failure(desk.create(ticket));
    expect(error.message).toContain('X-FreeScout-API-Key: [hidden]');
    expect(JSON.stringify(warnings)).not.toContain(KEY);
  });

  test('with an unusable answer logs one HTTPError warning without the key', async () => {
    answering(500, { message: `Server Error ${'x'.repeat(5000)}` });
    const { desk, warnings, calls } = aDesk();
    const error = await failure(desk.create(ticket));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.line).toBe('freescout degraded: ticket create failed, HTTPError 500');
    expect(warnings[0]?.facts).toMatchObject({ http_status: 500, error: 'HTTPError', in_doubt: true });
    expect(JSON.stringify([warnings, error.message, error.cause]).length).toBeLessThan(1000);
    expect(JSON.stringify([warnings, error.message, error.cause])).not.toContain(KEY);
    expect(calls).toEqual([['create', 'unavailable']]);
  });

  test('without an answer logs one ConnectionError warning with the code', async () => {
    nock(BASE)
      .post('/api/conversations')
      .replyWithError(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    const { desk, warnings } = aDesk();
    await failure(desk.create(ticket));
    expect(warnings.map(({ line }) => line)).toEqual([
      'freescout degraded: ticket create failed, ConnectionError ECONNREFUSED',
    ]);
    expect(warnings[0]?.facts).toMatchObject({ code: 'ECONNREFUSED', error: 'ConnectionError' });
  });
});

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSignedByFreeScout, pushedTicketId } from '../../src/tickets/webhook.ts';

const secret = 'b2a1f0c9d8e7f6a5b4c3d2e1f0a9b8c7';
const body = Buffer.from('{"id":412,"mailboxId":3,"subject":"a\\/b \\u00fc"}');
const signature = createHmac('sha1', secret).update(body).digest('base64');

describe('a push', () => {
  test('is accepted with a valid signature of its bytes', () => {
    expect(isSignedByFreeScout(body, signature, secret)).toBe(true);
  });

  test('is signed with HMAC-SHA1 in base64, as computed by another program', () => {
    expect(isSignedByFreeScout(Buffer.from('{"id":1}'), 'pkq9ASkZdrNd69hwrROjDJQ0ODE=', 'secret')).toBe(true);
  });

  test.each([
    ['without a signature', body, undefined, secret],
    ['with an empty signature', body, '', secret],
    ['with another signature of the same length', body, signature.replace(/./, (c) => (c === 'A' ? 'B' : 'A')), secret],
    ['with a longer signature', body, `${signature}=`, secret],
    ['signed in hex', body, createHmac('sha1', secret).update(body).digest('hex'), secret],
    ['signed with another secret', body, createHmac('sha1', 'other').update(body).digest('base64'), secret],
    ['written anew after parsing', Buffer.from(JSON.stringify(JSON.parse(body.toString()))), signature, secret],
    ['while no secret is set', body, signature, null],
    ['while the secret is empty', body, createHmac('sha1', '').update(body).digest('base64'), ''],
  ])('is refused %s', (_, bytes, given, key) => {
    expect(isSignedByFreeScout(bytes, given, key)).toBe(false);
  });
});

describe('the ticket of a push', () => {
  test.each([
    ['a ticket', '{"id":412,"mailboxId":3}', 412],
    ['a ticket whose numbers are text', '{"id":"412","mailboxId":"3"}', 412],
    ['a customer', '{"id":55,"firstName":"Eve"}', null],
    ['a list', '[{"id":1}]', null],
    ['nothing', 'null', null],
    ['an id that is none', '{"id":"x","mailboxId":3}', null],
    ['no JSON', 'id=412', null],
  ])('is read from %s', (_, text, id) => {
    expect(pushedTicketId(Buffer.from(text))).toBe(id);
  });
});

import { expect, it } from 'vitest';
import { withoutRoutingKey } from '../../src/http/routes/routingKey.ts';

const read = (text: string) => {
  const { body, key } = withoutRoutingKey(Buffer.from(text));
  return { key, stored: body.toString() };
};

it.each([
  [
    'a field of the same name in the details before it is another one',
    '{"payload": {"custom_details": {"routing_key": "orders"}}, "routing_key": "TOKEN"}',
    { key: 'TOKEN', stored: '{"payload": {"custom_details": {"routing_key": "orders"}}, "routing_key": "***"}' },
  ],
  [
    'only details have a field of the name',
    '{"payload": {"custom_details": {"routing_key": "orders"}}}',
    { key: undefined, stored: '{"payload": {"custom_details": {"routing_key": "orders"}}}' },
  ],
  [
    'the key is written with escapes, and stands in another text too',
    '{"routing\\u005fkey": "TOK\\u0045N", "client_url": "https://x.example/?k=TOKEN"}',
    { key: 'TOKEN', stored: '{"routing\\u005fkey": "***", "client_url": "https://x.example/?k=***"}' },
  ],
  ['the JSON is broken', '{"routing_key": "TO\\/KEN", ', { key: 'TO/KEN', stored: '{"routing_key": "***", ' }],
  ['the key is no text', '{"routing_key": 7}', { key: undefined, stored: '{"routing_key": 7}' }],
])('the token of a PagerDuty event is found and masked where %s', (_what, text, expected) => {
  expect(read(text)).toEqual(expected);
});

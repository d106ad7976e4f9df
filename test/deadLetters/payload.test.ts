import { describe, expect, it } from 'vitest';
import { changes, checkPayload } from '../../src/deadLetters/payload.ts';

const message = {
  id: 'dm:1',
  thread: 'alert:a:1:1',
  kind: 'opened',
  source: 'a',
  body: { severity: 'P1', title: 'Trouble', details: null, since: '2026-05-05T14:32:17.000Z', url: null, count: 3 },
};
const changed = (body: Record<string, unknown>, top: Record<string, unknown> = {}) => ({
  ...message,
  ...top,
  body: { ...message.body, ...body },
});

describe('may be stored', () => {
  it.each([
    ['as it was', message],
    ['with another title', changed({ title: 'Less trouble' })],
    ['with details where there were none', changed({ details: 'two\nlines' })],
    ['with another severity', changed({ severity: 'P2' })],
    ['with an address where there was none', changed({ url: 'https://example.com/' })],
  ])('%s', (_, payload) => {
    expect(() => checkPayload(message, payload)).not.toThrow();
  });
});

describe('is refused, and the field is named', () => {
  it.each<[string, unknown, string]>([
    ['another id', changed({}, { id: 'dm:2' }), 'payload.id'],
    ['another kind', changed({}, { kind: 'resolved' }), 'payload.kind'],
    ['another count', changed({ count: 4 }), 'payload.body.count'],
    ['a field too many', changed({ more: 1 }), 'payload.body.more'],
    ['a field too few', { ...message, body: { title: 'x' } }, 'payload.body.severity'],
    ['a number for a text', changed({ title: 5 }), 'payload.body.title'],
    ['null for a text', changed({ title: null }), 'payload.body.title'],
    ['no text', changed({ title: ' ' }), 'payload.body.title'],
    ['two lines where one belongs', changed({ title: 'a\nb' }), 'payload.body.title'],
    ['a control character', changed({ details: 'a\u0007' }), 'payload.body.details'],
    ['half a character', changed({ details: 'a\ud800' }), 'payload.body.details'],
    ['too long a text', changed({ title: 'x'.repeat(501) }), 'payload.body.title'],
    ['an unknown severity', changed({ severity: 'P9' }), 'payload.body.severity'],
    ['no instant', changed({ since: 'yesterday' }), 'payload.body.since'],
    ['an address that is none', changed({ url: 'javascript:alert(1)' }), 'payload.body.url'],
    ['no object', 'text', 'payload'],
    ['nothing', undefined, 'payload'],
    ['a list', [], 'payload'],
    ['a deep nest', JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)), 'payload'],
    [
      'a deep nest for a text that is fixed',
      changed({}, { id: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) }),
      'payload.id',
    ],
  ])('%s', (_, payload, field) => {
    expect(() => checkPayload(message, payload)).toThrow(expect.objectContaining({ code: 'invalid_field', field }));
  });
});

it('what changed is told by the path of each field', () => {
  expect(changes(message, changed({ title: 'Less', details: 'x' }))).toEqual({
    'body.title': { from: 'Trouble', to: 'Less' },
    'body.details': { from: null, to: 'x' },
  });
  expect(changes(message, message)).toEqual({});
});

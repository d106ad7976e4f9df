import { describe, expect, it } from 'vitest';
import { textsOf, withTexts } from '../../src/deadLetters/texts.ts';

const ticket = { kind: 'ticket', payload: { subject: 'P1: Disk', body: 'Full' } };
const message = { kind: 'message', payload: { id: 'dm:1', body: { title: 'Disk', details: null, severity: 'P1' } } };
const note = { kind: 'note', payload: { ticketId: 7, about: { what: 'resolved', title: 'Disk', reason: 'gone' } } };
const tag = { kind: 'tag', payload: { kind: 'tag', ticketId: 7 } };

describe('the texts of a dead letter', () => {
  it.each([
    [ticket, 'subject', 'P1: Disk', 'body', 'Full'],
    [message, 'body.title', 'Disk', 'body.details', ''],
    [note, 'about.title', 'Disk', 'about.reason', 'gone'],
  ])('the subject and body of %j are found', (letter, subject, title, body, text) => {
    expect(textsOf(letter)).toEqual({ subject: { path: subject, value: title }, body: { path: body, value: text } });
  });

  it.each([
    tag,
    { kind: 'webhook', payload: { body: 'x' } },
    { kind: 'message', payload: null },
    { kind: 'constructor', payload: {} },
  ])('the dead letter %j has no texts', (letter) => {
    expect(textsOf(letter)).toEqual({ subject: null, body: null });
    expect(withTexts(letter, { subject: 'x', body: 'y' })).toBe(letter.payload);
  });

  it('other texts take their places, and everything else stays', () => {
    expect(withTexts(message, { subject: 'New', body: 'More' })).toEqual({
      id: 'dm:1',
      body: { title: 'New', details: 'More', severity: 'P1' },
    });
    expect(withTexts(message, { subject: 'Disk', body: '' })).toEqual(message.payload);
    expect(withTexts(ticket, { subject: 'New', body: '' })).toEqual({ subject: 'New', body: '' });
  });
});

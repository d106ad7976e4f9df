import { describe, expect, it } from 'vitest';
import type { AuditEntry, DmRequest, FilingIntent, TicketUpdate } from '../../../machines/shared/protocol.ts';
import { composeNote } from '../../../src/tickets/composeNote.ts';
import { type ActorInput, broke, minutes, paramsOf, seconds, together, wait } from '../support/driver.ts';
import { filed, refused } from '../support/events.ts';
import {
  a,
  b,
  c,
  join,
  lastNoteWritten,
  leave,
  member,
  names,
  noteDropped,
  noteWritten,
  pause,
  queueAlerts,
  sent,
  standing,
  umbrella,
  worse,
} from './umbrellaEvents.ts';

const AT = '2026-05-05T14:32:17.000Z';

describe('whom it names', () => {
  it('the ticket names the members that are known when it is filed', () => {
    const [intent] = paramsOf<FilingIntent>(umbrella().take(a).actions, 'intend');
    expect(intent).toEqual({
      filingId: 'umbrella:s:1',
      subjectKey: 'umbrella:s:1',
      source: null,
      deadlineAt: null,
      request: { path: 'umbrella', source: 's', since: '2026-05-05T14:00:00.000Z', count: 1, members: [member('a')] },
    });
  });

  it('each note names the members since the last one, five hundred at most, and counts all', () => {
    const actor = umbrella();
    actor.take(a, filed(412), together(...join(...Array.from({ length: 1_150 }, (_, n) => `m${n}`))));
    const notes: TicketUpdate[] = [];
    for (let n = 0; n < 3; n++) {
      actor.take(pause, pause);
      notes.push(actor.input<TicketUpdate>('list'));
      actor.take(...join(`late${n}`), noteWritten);
    }
    const about = notes.map((note) => (note.kind === 'note' && note.about.what === 'members' ? note.about : null));
    expect(about.map((each) => [each?.count, each?.members.length])).toEqual([
      [1151, 500],
      [1152, 500],
      [1153, 152],
    ]);
    expect(new Set(about.flatMap((each) => names(each?.members ?? []))).size).toBe(1152);
    expect(new Set(notes.map(({ id }) => id)).size).toBe(3);
  });

  it('a member that becomes more severe is named once with its new severity, or again if a text names it already', () => {
    const actor = umbrella();
    const asP2 = (name: string) =>
      ({ type: 'TICKET_MEMBER', member: { ...member(name), severity: 'P2' } }) as ActorInput;
    actor.take(asP2('a'), filed(412), asP2('b'), worse('a'), worse('a'), worse('b'), pause);
    const note = actor.input<TicketUpdate>('list');
    const about = note.kind === 'note' && note.about.what === 'members' ? note.about : null;
    expect(about).toMatchObject({ count: 2, members: [member('b')], worse: [member('a')] });
    expect(about && composeNote(about)).toMatch(/New since .*P1 b is down.*\n.*More severe since .*\n.*P1 a is down/s);
    actor.take(noteWritten, pause);
    expect(actor.running.has('list')).toBe(false);
  });

  it('a note that only names members that are more severe does not say that others are new', () => {
    const text = composeNote({ what: 'members', source: 's', count: 1, members: [], worse: [member('a')], at: AT });
    expect(text).toContain('P1 a is down');
    expect(text).not.toContain('New since');
  });

  it('the pauses between notes grow with their number', () => {
    const actor = umbrella();
    actor.take(a, filed(412));
    const pauses = Array.from({ length: 7 }, (_, n) => {
      actor.take(...join(`m${n}`));
      let waited = 0;
      while (!actor.running.has('list')) {
        actor.take(wait(seconds(30)));
        waited += 30;
      }
      actor.take(noteWritten);
      return waited;
    });
    expect(pauses).toEqual([30, 30, 60, 120, 300, 300, 300]);
  });

  it('long titles are cut, so that every name of a note fits on the ticket', () => {
    const actor = umbrella();
    const long = (n: number) => ({ alertKey: `s:${n}`, severity: 'P1' as const, title: 'x'.repeat(2_000) });
    actor.take(
      a,
      filed(412),
      together(...Array.from({ length: 900 }, (_, n) => ({ type: 'TICKET_MEMBER', member: long(n) }) as ActorInput)),
      pause,
    );
    const note = actor.input<TicketUpdate>('list');
    if (note.kind !== 'note') throw new Error('that is no note');
    expect(Buffer.byteLength(composeNote(note.about))).toBeLessThan(100 * 1024);
    expect(actor.context.members).toHaveLength(900);
  });

  it('members that are named take no place in the context', () => {
    const actor = umbrella();
    actor.take(a, filed(412), ...join('b', 'c'), pause, noteWritten);
    expect(actor.context).toMatchObject({ members: [], count: 3 });
  });

  it('the last note counts all members', () => {
    const actor = umbrella();
    actor.take(a, filed(412), b, pause, noteWritten, wait(minutes(10)));
    const chore = actor.input<TicketUpdate>('end');
    expect(chore).toMatchObject({
      ticketId: 412,
      about: { what: 'calm', count: 2, since: '2026-05-05T14:00:00.000Z' },
    });
  });

  it('the ticket that replaces a closed one names the members that were not named', () => {
    const actor = umbrella();
    actor.take(a, filed(412), b, pause, c);
    const { actions } = actor.take(noteDropped);
    const [intent] = paramsOf<FilingIntent>(actions, 'intend');
    expect(intent?.request).toMatchObject({ count: 2, members: [member('b'), member('c')] });
    expect(paramsOf<AuditEntry>(actions, 'audit')[0]?.payload).toEqual({
      source: 's',
      ticket_id: 412,
      reason: 'ticket is closed',
    });
  });

  it('a member that left before it was named is not counted, and one that left later is', () => {
    const actor = umbrella();
    actor.take(a, b, leave('a'), filed(412), c, pause, leave('b'), noteWritten);
    expect(actor.context).toMatchObject({ members: [], count: 2 });
  });

  it('a message names the alerts since the last one, and has the ticket once it is filed', () => {
    const actor = umbrella();
    actor.take(a, ...queueAlerts('a', 'b'), filed(412), wait(seconds(8)), ...queueAlerts('c'), sent, wait(seconds(8)));
    const { id, thread, body } = actor.input<DmRequest>('dm');
    expect({ id, thread, ...body }).toMatchObject({
      id: 'dm:umbrella:s:2',
      thread: 'umbrella:s:1',
      members: [member('c')],
      count: 1,
      ticket: { id: 412 },
    });
  });

  it('a message after the storm has no ticket', () => {
    const actor = umbrella();
    actor.take(...standing, wait(minutes(10)), lastNoteWritten, ...queueAlerts('b'), wait(seconds(8)));
    expect(actor.input<DmRequest>('dm').body).toMatchObject({ ticket: null });
  });

  it('the subject and body that came with the first member are used for its ticket, and for no later storm', () => {
    const actor = umbrella();
    const words = { subject: 'STORM: many', body: 'Look.' };
    const request = (given: ActorInput) => paramsOf<FilingIntent>(actor.take(given).actions, 'intend')[0]?.request;
    expect(request(Object.assign({}, a, { words }))).toMatchObject({ words });
    actor.take(broke('file'));
    expect(request(a)).not.toHaveProperty('words');
  });

  it('the reason for the members distinguishes the flag from the help desk', () => {
    const reasons = [refused('flag_off'), broke('file')].map((end) => {
      const actor = umbrella();
      actor.take(a);
      return paramsOf<{ event: { reason: string } }>(actor.take(end).actions, 'tell')[0]?.event.reason;
    });
    expect(reasons).toEqual(['flag_off', 'rejected']);
  });
});

it('while no message can be sent an umbrella keeps few alerts, and each alert is named in one message', () => {
  const actor = umbrella();
  const all = Array.from({ length: 5_000 }, (_, n) => `m${n}`);
  const { actions } = actor.take(...queueAlerts('first'), wait(seconds(8)), together(...queueAlerts(...all)));
  expect(actor.context.unsaid.length).toBeLessThanOrEqual(300);
  const handedOver = paramsOf<{ event: { request: DmRequest } }>(actions, 'tell').map(({ event }) => event.request);
  actor.take(sent, wait(seconds(8)));
  const requests = [...handedOver, actor.input<DmRequest>('dm')];
  const named = requests.flatMap(({ body }) => names(body.members as { alertKey: string }[]));
  expect(named.toSorted()).toEqual(all.toSorted());
  expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length);
});

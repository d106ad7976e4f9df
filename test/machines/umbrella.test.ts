import { describe, expect, it } from 'vitest';
import type { AuditEntry, DmRequest, FilingIntent, Membership, TicketUpdate } from '../../machines/shared/protocol.ts';
import { umbrellaMachine } from '../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../machines/umbrella/types.ts';
import { composeNote } from '../../src/tickets/composeNote.ts';
import { broke, done, type Happening, minutes, play, said, seconds, wait } from './drive.ts';
import { failed, filed, found, inDoubt, inheritedDoubt, notFound, refused } from './events.ts';
import { type Row, row, table } from './table.ts';

const umbrella = () => play<UmbrellaContext>(umbrellaMachine, 'umbrella:s');
const member = (name: string) => ({ alertKey: `s:${name}`, severity: 'P1' as const, title: `${name} is down` });
const joins = (...names: string[]): Happening[] =>
  names.map((name) => ({ type: 'TICKET_MEMBER', member: member(name) }) as Happening);
const leaves = (name: string): Happening => ({ type: 'TICKET_LEFT', alertKey: `s:${name}` }) as Happening;
const speaksOf = (...names: string[]): Happening[] =>
  names.map((name) => ({ type: 'DM_MEMBER', member: member(name) }) as Happening);
const [a, b, c] = [...joins('a', 'b', 'c')] as [Happening, Happening, Happening];
const noted = done('list', { outcome: 'done' });
const over = done('end', { outcome: 'done' });
const dropped = done('list', { outcome: 'dropped', reason: 'ticket is closed' });
const sent = done('dm', { outcome: 'sent' });
const turn = (probe: boolean): Happening => ({ type: 'TRY', probe }) as Happening;
const gathers = wait(seconds(30));
const standing = [a, filed(412)];
const listing = [...standing, b, gathers];
const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `many-${n}`);
const names = (members: { alertKey: string }[]): string[] => members.map(({ alertKey }) => alertKey.slice(2));

const untagged = filed(412, { tagged: false });

table(umbrellaMachine, 'umbrella:s', {
  duties: [
    row(
      'missing tags become a ticket update',
      [a],
      untagged,
      'ticket.standing.lists.listed upkeep.working',
      'audit umbrella_filed',
      'run keepTicket tag 1',
    ),
    row('nothing is due once the ticket is tagged', [a, untagged], done('chore', { outcome: 'done' }), 'upkeep.idle'),
    row(
      'tags for a deleted ticket are dropped and audited',
      [a, untagged],
      done('chore', { outcome: 'dropped', reason: 'ticket is gone' }),
      'upkeep.idle',
      'audit tag_dropped ticket is gone',
    ),
    row('tags that cannot be set become a dead letter', [a, untagged], broke('chore'), 'upkeep.idle'),
    row(
      'a ticket update outlasts the storm',
      [a, untagged, wait(minutes(10)), over],
      b,
      'ticket.filing upkeep.working',
      'intend 2',
      'run fileTicket 2',
    ),
  ],
  storm: [
    row('the first member files the umbrella ticket', [], a, 'ticket.filing', 'intend 1', 'run fileTicket 1'),
    row('a second member joins the filing', [a], b, 'ticket.filing'),
    row('a filed umbrella ticket is audited', [a], filed(412), 'ticket.standing.lists.listed', 'audit umbrella_filed'),
    row(
      'a ticket filed while the breaker was open closes it',
      [a],
      filed(412, { whileFailing: true }),
      'ticket.standing.watch.joining',
      'audit umbrella_filed',
      'tell helpdesk SUCCEEDED',
    ),
    row(
      'a member that joined during the filing waits to be listed',
      [a, b],
      filed(412),
      'ticket.standing.lists.gathering',
      'audit umbrella_filed',
    ),
    row(
      'a storm ends ten minutes after the last member, with a note',
      standing,
      wait(minutes(10)),
      'ticket.ending',
      'run keepTicket note calm',
    ),
    row('all is calm once the last note was written', [...standing, wait(minutes(10))], over, 'ticket.calm'),
    row(
      'a last note that cannot be written becomes a dead letter',
      [...standing, wait(minutes(10))],
      broke('end'),
      'ticket.calm',
    ),
    row(
      'a member that joins during the last note continues the storm',
      [...standing, wait(minutes(10)), b],
      over,
      'ticket.standing.lists.gathering',
    ),
    row(
      'a member that joins continues the storm even where the last note fails',
      [...standing, wait(minutes(10)), b],
      broke('end'),
      'ticket.standing.lists.gathering',
    ),
    row(
      'a member that continues the storm is listed on the same ticket',
      [...standing, wait(minutes(10)), b, over],
      gathers,
      'ticket.standing.lists.listing',
      'run keepTicket note members',
    ),
    row(
      'a member that leaves again does not continue the storm',
      [...standing, wait(minutes(10)), b, leaves('b')],
      over,
      'ticket.calm',
    ),
    row(
      'each member prolongs the storm',
      [...standing, wait(minutes(9)), b, gathers, noted],
      wait(minutes(9)),
      'ticket.standing.lists.listed',
    ),
    row(
      'a storm does not end while a member is not listed',
      [...standing, wait(minutes(9)), b, gathers],
      wait(minutes(60)),
      'ticket.standing.lists.listing',
    ),
    row(
      'the next storm gets a ticket of its own',
      [...standing, wait(minutes(10)), over],
      b,
      'ticket.filing',
      'intend 2',
      'run fileTicket 2',
    ),
  ],
  listing: [
    row(
      'members that join are listed together after 30 s',
      [...standing, b, c],
      gathers,
      'ticket.standing.lists.listing',
      'run keepTicket note members',
    ),
    row('a note that was written leaves nothing to list', listing, noted, 'ticket.standing.lists.listed'),
    row(
      'a member that joined during a note waits for the next one',
      [...listing, c],
      noted,
      'ticket.standing.lists.gathering',
    ),
    row('a member that joins does not interrupt the note being written', listing, c, 'ticket.standing.lists.listing'),
    row('a note that cannot be written becomes a dead letter', listing, broke('list'), 'ticket.standing.lists.listed'),
    row(
      'members that a closed ticket does not name get another one',
      listing,
      dropped,
      'ticket.filing',
      'audit note_dropped ticket is closed',
      'intend 2',
      'run fileTicket 2',
    ),
    row(
      'a member that leaves before its note is not listed',
      [...standing, b, leaves('b')],
      gathers,
      'ticket.standing.lists.listed',
    ),
  ],
  filing: [
    row(
      'a filing waits while the help desk fails, and reports it',
      [a],
      failed(),
      'ticket.waiting',
      'tell helpdesk FAILED unavailable',
    ),
    row(
      'a waiting filing whose turn it is tries for all',
      [a, failed()],
      turn(true),
      'ticket.filing',
      'run fileTicket 1 probe',
    ),
    row('a released filing tries again', [a, failed()], turn(false), 'ticket.filing', 'run fileTicket 1'),
    row(
      'a member that joins while the filing waits is listed later',
      [a, failed(), b, turn(false)],
      filed(412),
      'ticket.standing.lists.gathering',
      'audit umbrella_filed',
    ),
    row(
      'a filing that waits for five minutes reports it again',
      [a, failed()],
      wait(minutes(5)),
      'ticket.waiting',
      'tell helpdesk FAILED held',
    ),
    row(
      'a filing refused for the flag dismisses every member',
      [a, b],
      refused('flag_off'),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
      'tell alert:s:b UNLISTED',
    ),
    row(
      'a rejected ticket dismisses every member',
      [a],
      failed('rejected', true),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
    ),
    row(
      'a filing effect that fails dismisses every member',
      [a],
      broke('file'),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
    ),
    row(
      'a ticket whose answer got lost is looked for',
      [a],
      inDoubt,
      'ticket.doubtful.looking',
      'tell helpdesk FAILED unavailable',
      'run settleDoubt 1',
    ),
    row(
      'a doubt inherited from another run is not reported to the breaker',
      [a],
      inheritedDoubt,
      'ticket.doubtful.looking',
      'run settleDoubt 1',
    ),
    row(
      'a ticket found after a doubt is audited, and always closes the breaker',
      [a, inDoubt],
      found(412),
      'ticket.standing.lists.listed',
      'audit umbrella_filed',
      'tell helpdesk SUCCEEDED',
    ),
    row(
      'a ticket that was not found is posted again by the same filing',
      [a, inDoubt],
      notFound,
      'ticket.filing',
      'run fileTicket 1',
    ),
    row(
      'a look-up that fails dismisses every member',
      [a, inDoubt, b],
      broke('settle'),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
      'tell alert:s:b UNLISTED',
    ),
    row(
      'a lasting doubt is reported again after five minutes',
      [a, inDoubt],
      wait(minutes(5)),
      'ticket.doubtful.looking',
      'tell helpdesk FAILED unavailable',
    ),
  ],
  leaving: [
    row('a member that leaves does not change the filing while another stays', [a, b], leaves('a'), 'ticket.filing'),
    row(
      'the last member that leaves withdraws the filing',
      [a, b, leaves('a')],
      leaves('b'),
      'ticket.filing',
      'withdraw 1',
    ),
    row('a withdrawn filing without members ends the storm', [a, leaves('a')], refused('withdrawn'), 'ticket.calm'),
    row(
      'a ticket created after all members left is audited',
      [a, leaves('a')],
      filed(412),
      'ticket.standing.lists.listed',
      'audit umbrella_filed',
    ),
    row(
      'a member that joins a withdrawn filing gets a new one',
      [a, leaves('a'), b],
      refused('withdrawn'),
      'ticket.filing',
      'intend 2',
      'run fileTicket 2',
    ),
    row(
      'the last member that leaves a waiting filing ends the storm',
      [a, failed()],
      leaves('a'),
      'ticket.calm',
      'withdraw 1',
      'tell helpdesk LEFT',
    ),
    row(
      'the last member that leaves a doubtful filing withdraws it',
      [a, inDoubt],
      leaves('a'),
      'ticket.doubtful.looking',
      'withdraw 1',
    ),
    row('a withdrawn filing that was not found ends the storm', [a, inDoubt, leaves('a')], notFound, 'ticket.calm'),
    row('an alert that was never a member cannot leave', [a], leaves('x'), 'ticket.filing'),
    row('no alert can leave when all is calm', [], leaves('x'), 'ticket.calm'),
  ],
  messages: [
    row('a first alert waits for others before its message', [], speaksOf('a')[0] as Happening, 'messages.gathering'),
    row(
      'a grouped message is sent after eight seconds',
      speaksOf('a', 'b'),
      wait(seconds(8)),
      'messages.sending',
      'run sendDm grouped',
    ),
    row('nothing is due once the message was sent', [...speaksOf('a'), wait(seconds(8))], sent, 'messages.quiet'),
    row(
      'a second message follows at once where one cannot name all',
      [...speaksOf(...many(301)), wait(seconds(8))],
      sent,
      'messages.sending',
      'run sendDm grouped',
    ),
    row(
      'the alerts of the last message wait for others again',
      [...speaksOf(...many(301)), wait(seconds(8)), sent],
      sent,
      'messages.gathering',
    ),
    row(
      'an alert that came during a message is named in the next one',
      [...speaksOf('a'), wait(seconds(8)), ...speaksOf('b')],
      sent,
      'messages.gathering',
    ),
    row(
      'a message that cannot be sent becomes a dead letter',
      [...speaksOf('a'), wait(seconds(8))],
      broke('dm'),
      'messages.quiet',
    ),
  ],
} satisfies Record<string, Row[]>);

describe('whom it names', () => {
  it('the ticket names the members that are known when it is filed', () => {
    const [intent] = said<FilingIntent>(umbrella().take(a).says, 'intend');
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
    actor.take(a, filed(412), ...joins(...Array.from({ length: 1_150 }, (_, n) => `m${n}`)));
    const notes: TicketUpdate[] = [];
    for (let n = 0; n < 3; n++) {
      actor.take(gathers, gathers);
      notes.push(actor.input<TicketUpdate>('list'));
      actor.take(...joins(`late${n}`), noted);
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

  it('the pauses between notes grow with their number', () => {
    const actor = umbrella();
    actor.take(a, filed(412));
    const pauses = Array.from({ length: 7 }, (_, n) => {
      actor.take(...joins(`m${n}`));
      let waited = 0;
      while (!actor.running.has('list')) {
        actor.take(wait(seconds(30)));
        waited += 30;
      }
      actor.take(noted);
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
      ...Array.from({ length: 900 }, (_, n) => ({ type: 'TICKET_MEMBER', member: long(n) }) as Happening),
      gathers,
    );
    const note = actor.input<TicketUpdate>('list');
    if (note.kind !== 'note') throw new Error('that is no note');
    expect(Buffer.byteLength(composeNote(note.about))).toBeLessThan(100 * 1024);
    expect(actor.context.members).toHaveLength(900);
  });

  it('members that are named take no place in the context', () => {
    const actor = umbrella();
    actor.take(a, filed(412), ...joins('b', 'c'), gathers, noted);
    expect(actor.context).toMatchObject({ members: [], count: 3 });
  });

  it('the last note counts all members', () => {
    const actor = umbrella();
    actor.take(a, filed(412), b, gathers, noted, wait(minutes(10)));
    const chore = actor.input<TicketUpdate>('end');
    expect(chore).toMatchObject({
      ticketId: 412,
      about: { what: 'calm', count: 2, since: '2026-05-05T14:00:00.000Z' },
    });
  });

  it('the ticket that replaces a closed one names the members that were not named', () => {
    const actor = umbrella();
    actor.take(a, filed(412), b, gathers, c);
    const { says } = actor.take(dropped);
    const [intent] = said<FilingIntent>(says, 'intend');
    expect(intent?.request).toMatchObject({ count: 2, members: [member('b'), member('c')] });
    expect(said<AuditEntry>(says, 'audit')[0]?.payload).toEqual({
      source: 's',
      ticket_id: 412,
      reason: 'ticket is closed',
    });
  });

  it('a member that left before it was named is not counted, and one that left later is', () => {
    const actor = umbrella();
    actor.take(a, b, leaves('a'), filed(412), c, gathers, leaves('b'), noted);
    expect(actor.context).toMatchObject({ members: [], count: 2 });
  });

  it('a message names the alerts since the last one, and has the ticket once it is filed', () => {
    const actor = umbrella();
    actor.take(a, ...speaksOf('a', 'b'), filed(412), wait(seconds(8)), ...speaksOf('c'), sent, wait(seconds(8)));
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
    actor.take(...standing, wait(minutes(10)), over, ...speaksOf('b'), wait(seconds(8)));
    expect(actor.input<DmRequest>('dm').body).toMatchObject({ ticket: null });
  });

  it('the subject and body that came with the first member are used for its ticket, and for no later storm', () => {
    const actor = umbrella();
    const words = { subject: 'STORM: many', body: 'Look.' };
    const request = (given: Happening) => said<FilingIntent>(actor.take(given).says, 'intend')[0]?.request;
    expect(request(Object.assign({}, a, { words }))).toMatchObject({ words });
    actor.take(broke('file'));
    expect(request(a)).not.toHaveProperty('words');
  });

  it('the reason for the members distinguishes the flag from the help desk', () => {
    const reasons = [refused('flag_off'), failed('rejected', true), broke('file')].map((end) => {
      const actor = umbrella();
      actor.take(a);
      return said<{ event: { reason: string } }>(actor.take(end).says, 'tell')[0]?.event.reason;
    });
    expect(reasons).toEqual(['flag_off', 'rejected', 'rejected']);
  });
});

describe('who is on its ticket', () => {
  /** After each of the happenings in turn, as the database would have it: the storm's number and the member. */
  const members = (...happenings: Happening[]): string[] => {
    const actor = umbrella();
    const on = new Set<string>();
    for (const happening of happenings) {
      for (const { filingId, alertKey, isOn } of said<Membership>(actor.take(happening).says, 'enlist')) {
        const place = `${filingId.slice('umbrella:s:'.length)} ${alertKey.slice(2)}`;
        if (isOn) on.add(place);
        else on.delete(place);
      }
    }
    return [...on];
  };

  it.each<[string, Happening[], string[]]>([
    ['members that join before and after the filing are enlisted', [a, b, filed(412), c], ['1 a', '1 b', '1 c']],
    ['a member that joins during the last note is enlisted', [...standing, wait(minutes(10)), b], ['1 a', '1 b']],
    [
      'a member that leaves before it is named is not enlisted',
      [a, b, leaves('a'), filed(412), c, leaves('c')],
      ['1 b'],
    ],
    ['the last member that leaves is not enlisted', [a, leaves('a'), refused('withdrawn')], []],
    ['a member that leaves after it is named stays enlisted', [a, filed(412), leaves('a')], ['1 a']],
    [
      'the members of an earlier storm stay enlisted on its ticket',
      [...standing, wait(minutes(10)), over, b],
      ['1 a', '2 b'],
    ],
    [
      'members that a closed ticket does not name are enlisted on the next one',
      [...listing, c, dropped],
      ['1 a', '2 b', '2 c'],
    ],
    ['a withdrawn filing has no members', [a, leaves('a'), b, refused('withdrawn')], ['2 b']],
    ['a refused filing has no members', [a, b, refused('flag_off')], []],
    ['a filing whose effect failed has no members', [a, inDoubt, b, broke('settle')], []],
  ])('%s', (_, happenings, expected) => {
    expect(members(...happenings)).toEqual(expected);
  });

  it('a named member that leaves changes nothing', () => {
    const actor = umbrella();
    actor.take(a, filed(412));
    expect(actor.take(leaves('a')).says).toEqual([]);
  });
});

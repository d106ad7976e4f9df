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
      'filed without its tags: it is tagged as soon as that can be',
      [a],
      untagged,
      'ticket.standing.lists.listed upkeep.working',
      'audit umbrella_filed',
      'run keepTicket tag 1',
    ),
    row('tagged: nothing is owed any more', [a, untagged], done('chore', { outcome: 'done' }), 'upkeep.idle'),
    row(
      'a ticket that is gone by then is left alone, which is audited',
      [a, untagged],
      done('chore', { outcome: 'dropped', reason: 'ticket is gone' }),
      'upkeep.idle',
      'audit tag_dropped ticket is gone',
    ),
    row('one that cannot be tagged is kept as a dead letter', [a, untagged], broke('chore'), 'upkeep.idle'),
    row(
      'the duty outlives the storm',
      [a, untagged, wait(minutes(10)), over],
      b,
      'ticket.filing upkeep.working',
      'intend 2',
      'run fileTicket 2',
    ),
  ],
  storm: [
    row('the first that is too many gets the umbrella filed', [], a, 'ticket.filing', 'intend 1', 'run fileTicket 1'),
    row('the next joins it', [a], b, 'ticket.filing'),
    row('filed: it stands', [a], filed(412), 'ticket.standing.lists.listed', 'audit umbrella_filed'),
    row(
      'filed while the help desk was held to be down: told',
      [a],
      filed(412, { whileFailing: true }),
      'ticket.standing.watch.joining',
      'audit umbrella_filed',
      'tell helpdesk SUCCEEDED',
    ),
    row(
      'who joined during the filing is still to be listed',
      [a, b],
      filed(412),
      'ticket.standing.lists.gathering',
      'audit umbrella_filed',
    ),
    row(
      'ten minutes without a new one: it is over, and the ticket is told so',
      standing,
      wait(minutes(10)),
      'ticket.ending',
      'run keepTicket note calm',
    ),
    row('told: calm', [...standing, wait(minutes(10))], over, 'ticket.calm'),
    row(
      'a last word that cannot be written is kept as a dead letter',
      [...standing, wait(minutes(10))],
      broke('end'),
      'ticket.calm',
    ),
    row(
      'who joins while it is written takes the storm up again',
      [...standing, wait(minutes(10)), b],
      over,
      'ticket.standing.lists.gathering',
    ),
    row(
      'and so it does where the last word cannot be written',
      [...standing, wait(minutes(10)), b],
      broke('end'),
      'ticket.standing.lists.gathering',
    ),
    row(
      'and is listed on the same ticket',
      [...standing, wait(minutes(10)), b, over],
      gathers,
      'ticket.standing.lists.listing',
      'run keepTicket note members',
    ),
    row('unless it is over by then', [...standing, wait(minutes(10)), b, leaves('b')], over, 'ticket.calm'),
    row(
      'each new one prolongs it',
      [...standing, wait(minutes(9)), b, gathers, noted],
      wait(minutes(9)),
      'ticket.standing.lists.listed',
    ),
    row(
      'it does not end while somebody is not listed',
      [...standing, wait(minutes(9)), b, gathers],
      wait(minutes(60)),
      'ticket.standing.lists.listing',
    ),
    row(
      'the next storm has a ticket of its own',
      [...standing, wait(minutes(10)), over],
      b,
      'ticket.filing',
      'intend 2',
      'run fileTicket 2',
    ),
  ],
  listing: [
    row(
      'who joins is listed half a minute later, with others',
      [...standing, b, c],
      gathers,
      'ticket.standing.lists.listing',
      'run keepTicket note members',
    ),
    row('listed', listing, noted, 'ticket.standing.lists.listed'),
    row('who joined meanwhile is gathered anew', [...listing, c], noted, 'ticket.standing.lists.gathering'),
    row('joining does not disturb the note being written', listing, c, 'ticket.standing.lists.listing'),
    row(
      'a note that cannot be written is kept as a dead letter',
      listing,
      broke('list'),
      'ticket.standing.lists.listed',
    ),
    row(
      'somebody closed the ticket: who is not named on it gets another',
      listing,
      dropped,
      'ticket.filing',
      'audit note_dropped ticket is closed',
      'intend 2',
      'run fileTicket 2',
    ),
    row(
      'who is over before being listed is not listed',
      [...standing, b, leaves('b')],
      gathers,
      'ticket.standing.lists.listed',
    ),
  ],
  filing: [
    row('the help desk fails: waits', [a], failed(), 'ticket.waiting', 'tell helpdesk FAILED unavailable'),
    row('its turn to try for all', [a, failed()], turn(true), 'ticket.filing', 'run fileTicket 1 probe'),
    row('released', [a, failed()], turn(false), 'ticket.filing', 'run fileTicket 1'),
    row(
      'who joins while it waits is listed later',
      [a, failed(), b, turn(false)],
      filed(412),
      'ticket.standing.lists.gathering',
      'audit umbrella_filed',
    ),
    row(
      'waiting long, it says so again',
      [a, failed()],
      wait(minutes(5)),
      'ticket.waiting',
      'tell helpdesk FAILED held',
    ),
    row(
      'the flag is off: every member hears that it has no ticket',
      [a, b],
      refused('flag_off'),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
      'tell alert:s:b UNLISTED',
    ),
    row(
      'the help desk refuses this very ticket: the same',
      [a],
      failed('rejected', true),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
    ),
    row('a filing that broke: the same', [a], broke('file'), 'ticket.calm', 'withdraw 1', 'tell alert:s:a UNLISTED'),
    row(
      'in doubt: looked for',
      [a],
      inDoubt,
      'ticket.doubtful.looking',
      'tell helpdesk FAILED unavailable',
      'run settleDoubt 1',
    ),
    row(
      'what another run left in doubt says nothing about the help desk',
      [a],
      inheritedDoubt,
      'ticket.doubtful.looking',
      'run settleDoubt 1',
    ),
    row(
      'found',
      [a, inDoubt],
      found(412),
      'ticket.standing.lists.listed',
      'audit umbrella_filed',
      'tell helpdesk SUCCEEDED',
    ),
    row('not found: posted again, the same filing', [a, inDoubt], notFound, 'ticket.filing', 'run fileTicket 1'),
    row(
      'looking that broke: every member hears it',
      [a, inDoubt, b],
      broke('settle'),
      'ticket.calm',
      'withdraw 1',
      'tell alert:s:a UNLISTED',
      'tell alert:s:b UNLISTED',
    ),
    row(
      'a lasting doubt means that the help desk still fails',
      [a, inDoubt],
      wait(minutes(5)),
      'ticket.doubtful.looking',
      'tell helpdesk FAILED unavailable',
    ),
  ],
  leaving: [
    row('one of two is over: nothing changes for the filing', [a, b], leaves('a'), 'ticket.filing'),
    row('the last is over: withdrawn', [a, b, leaves('a')], leaves('b'), 'ticket.filing', 'withdraw 1'),
    row('and so it comes to nothing', [a, leaves('a')], refused('withdrawn'), 'ticket.calm'),
    row(
      'unless it had been posted',
      [a, leaves('a')],
      filed(412),
      'ticket.standing.lists.listed',
      'audit umbrella_filed',
    ),
    row(
      'withdrawn, and then another joined: filed anew',
      [a, leaves('a'), b],
      refused('withdrawn'),
      'ticket.filing',
      'intend 2',
      'run fileTicket 2',
    ),
    row(
      'the last is over while it waits',
      [a, failed()],
      leaves('a'),
      'ticket.calm',
      'withdraw 1',
      'tell helpdesk LEFT',
    ),
    row('the last is over while it is in doubt', [a, inDoubt], leaves('a'), 'ticket.doubtful.looking', 'withdraw 1'),
    row('and it is not found', [a, inDoubt, leaves('a')], notFound, 'ticket.calm'),
    row('who was never a member cannot leave', [a], leaves('x'), 'ticket.filing'),
    row('and nobody can when all is calm', [], leaves('x'), 'ticket.calm'),
  ],
  messages: [
    row('a held back message waits for others', [], speaksOf('a')[0] as Happening, 'messages.gathering'),
    row('eight seconds', speaksOf('a', 'b'), wait(seconds(8)), 'messages.sending', 'run sendDm grouped'),
    row('sent', [...speaksOf('a'), wait(seconds(8))], sent, 'messages.quiet'),
    row(
      'more than one message can name: the next follows at once',
      [...speaksOf(...many(301)), wait(seconds(8))],
      sent,
      'messages.sending',
      'run sendDm grouped',
    ),
    row(
      'the last of them may wait for others again',
      [...speaksOf(...many(301)), wait(seconds(8)), sent],
      sent,
      'messages.gathering',
    ),
    row(
      'who came meanwhile is named in the next',
      [...speaksOf('a'), wait(seconds(8)), ...speaksOf('b')],
      sent,
      'messages.gathering',
    ),
    row(
      'one that cannot be sent is kept as a dead letter',
      [...speaksOf('a'), wait(seconds(8))],
      broke('dm'),
      'messages.quiet',
    ),
  ],
} satisfies Record<string, Row[]>);

describe('whom it names', () => {
  it('the ticket names who is known when it is filed', () => {
    const [intent] = said<FilingIntent>(umbrella().take(a).says, 'intend');
    expect(intent).toEqual({
      filingId: 'umbrella:s:1',
      subjectKey: 'umbrella:s:1',
      source: null,
      deadlineAt: null,
      request: { path: 'umbrella', source: 's', since: '2026-05-05T14:00:00.000Z', count: 1, members: [member('a')] },
    });
  });

  it('each note names who came since the last, five hundred at most, and counts them all', () => {
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

  it('the longer a storm lasts the fewer notes are written', () => {
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

  it('whose name is written takes no place any more, however many they are', () => {
    const actor = umbrella();
    actor.take(a, filed(412), ...joins('b', 'c'), gathers, noted);
    expect(actor.context).toMatchObject({ members: [], count: 3 });
  });

  it('the last word counts all who joined', () => {
    const actor = umbrella();
    actor.take(a, filed(412), b, gathers, noted, wait(minutes(10)));
    const chore = actor.input<TicketUpdate>('end');
    expect(chore).toMatchObject({
      ticketId: 412,
      about: { what: 'calm', count: 2, since: '2026-05-05T14:00:00.000Z' },
    });
  });

  it('the ticket that replaces a closed one names who was not named on that', () => {
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

  it('who left early is not counted, and who left late still is', () => {
    const actor = umbrella();
    actor.take(a, b, leaves('a'), filed(412), c, gathers, leaves('b'), noted);
    expect(actor.context).toMatchObject({ members: [], count: 2 });
  });

  it('a message names who came since the last, and carries the ticket once it stands', () => {
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

  it('a message after the storm carries no ticket', () => {
    const actor = umbrella();
    actor.take(...standing, wait(minutes(10)), over, ...speaksOf('b'), wait(seconds(8)));
    expect(actor.input<DmRequest>('dm').body).toMatchObject({ ticket: null });
  });

  it('words that came with its first member stand on its ticket, and on no later storm’s', () => {
    const actor = umbrella();
    const words = { subject: 'STORM: many', body: 'Look.' };
    const request = (given: Happening) => said<FilingIntent>(actor.take(given).says, 'intend')[0]?.request;
    expect(request(Object.assign({}, a, { words }))).toMatchObject({ words });
    actor.take(broke('file'));
    expect(request(a)).not.toHaveProperty('words');
  });

  it('the reason tells a refusal by the flag from one by the help desk', () => {
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
    ['whoever joins, before the ticket stands and after', [a, b, filed(412), c], ['1 a', '1 b', '1 c']],
    ['whoever joins while its last word is written', [...standing, wait(minutes(10)), b], ['1 a', '1 b']],
    ['not who is over before the name is written', [a, b, leaves('a'), filed(412), c, leaves('c')], ['1 b']],
    ['not the last one either', [a, leaves('a'), refused('withdrawn')], []],
    ['who is over once it is written', [a, filed(412), leaves('a')], ['1 a']],
    ['those of the storm before stay on its ticket', [...standing, wait(minutes(10)), over, b], ['1 a', '2 b']],
    ['who was not named on a closed ticket is on the next', [...listing, c, dropped], ['1 a', '2 b', '2 c']],
    ['what was withdrawn has nobody', [a, leaves('a'), b, refused('withdrawn')], ['2 b']],
    ['nobody where nothing comes of it', [a, b, refused('flag_off')], []],
    ['nobody where its filing broke', [a, inDoubt, b, broke('settle')], []],
  ])('%s', (_, happenings, expected) => {
    expect(members(...happenings)).toEqual(expected);
  });

  it('who is named and leaves moves nothing', () => {
    const actor = umbrella();
    actor.take(a, filed(412));
    expect(actor.take(leaves('a')).says).toEqual([]);
  });
});

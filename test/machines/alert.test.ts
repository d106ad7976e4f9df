import { describe, expect, it } from 'vitest';
import { alertMachine } from '../../machines/alert/machine.ts';
import type { AlertContext, EmittedEvent } from '../../machines/alert/types.ts';
import type { FilingIntent, Words } from '../../machines/shared/protocol.ts';
import { type Actor, amended, broke, done, type Happening, minutes, play, said, seconds, wait } from './drive.ts';
import {
  doubt,
  emitted,
  failed,
  filed,
  found,
  inDoubt,
  inheritedDoubt,
  notFound,
  refused,
  resolved,
  ticket,
} from './events.ts';
import { type Row, row, table } from './table.ts';

const KEY = 's:aaaaaaaaaaaaaaaa';
const F = `alert:${KEY}`;
const alert = (): Actor<AlertContext> => play(alertMachine, F);
const p1 = emitted();
const p2 = emitted({ severity: 'P2', title: 'API is slow' });
const p3 = emitted({ severity: 'P3', title: 'API is a bit slow' });
const off = (event: EmittedEvent): EmittedEvent => ({ ...event, held: 'flag_off' });
const other = (event: EmittedEvent): EmittedEvent => ({ ...event, alertId: 'aaaaaaaaaaaaaaaa2' });
const sent = done('dm', { outcome: 'sent' });
const under = (event: EmittedEvent, ...names: string[]): EmittedEvent => ({
  ...event,
  held: 'dependency',
  under: names.map((name) => `s:${name}`),
});
const holding = ['audit skipped P1 dependency', 'hold dependency P1'];
const dependent = (name: string, episode = 1) => ({
  type: 'DEPENDENT',
  member: { alertKey: `s:${name}`, severity: 'P1', title: `${name} is DOWN` },
  episode,
});
const unlisted = (reason: string) => ({ type: 'UNLISTED', reason });
const replayed = (n: number, words: Words | null = null) => ({ type: 'REPLAYED', filingId: `${F}:${n}`, words });
const tries = (probe: boolean) => ({ type: 'TRY', probe });
const joins = ['tell umbrella:s TICKET_MEMBER', 'tell umbrella:s DM_MEMBER'];
const rejected = failed('rejected', true);
/** An episode that is over while its filing goes on; the same with the next one begun; the same in doubt. */
const gone = [p1, sent, resolved(), sent];
const reborn = [p2, sent, resolved(), sent, p1, sent];
const goneInDoubt = [p1, sent, inDoubt, resolved(), sent];
const dm = (kind: string): string => `run sendDm ${kind}`;
const files = (n: number): string[] => [`intend ${n}`, `run fileTicket ${n}`];

/** Five short episodes within three minutes; the next one is noise. */
const manyEpisodes: Happening[] = Array.from({ length: 5 }, () => [
  off(p3),
  sent,
  resolved(),
  sent,
  wait(seconds(36)),
]).flat();
const flapping = [...manyEpisodes, off(p3), sent];

const life: Row[] = [
  row(
    'its first emission opens an episode',
    [],
    off(p1),
    'life.firing',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row('a resolution of nothing is nothing', [], resolved(), 'life.quiet'),
  row('an emission like the last is nothing new', [off(p1), sent], off(p1), 'life.firing'),
  row('nor is a lower severity', [off(p1), sent], off(p3), 'life.firing'),
  row('it resolves and says so', [off(p1), sent], resolved(), 'life.resolved', 'hold ended P1', dm('resolved')),
  row('it resolves once', [off(p1), sent, resolved(), sent], resolved(), 'life.resolved'),
  row('the resolution of an alert that is not firing here is nothing', [off(p1), sent], resolved('x'), 'life.firing'),
  row(
    'a second id on the same key is told, audited and joins',
    [off(p1), sent],
    other(off(p1)),
    'life.firing',
    'audit key_collision',
  ),
  row(
    'a joined id may raise the severity',
    [off(p3), sent],
    other(off(p1)),
    '',
    'audit key_collision',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('escalated'),
  ),
  row('one of two resolves: it goes on', [off(p1), sent, other(off(p1))], resolved(), 'life.firing'),
  row(
    'both resolve: it is over',
    [off(p1), sent, other(off(p1)), resolved()],
    resolved('aaaaaaaaaaaaaaaa2'),
    'life.resolved',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'it fires again: a new episode',
    [off(p1), sent, resolved(), sent],
    off(p1),
    'life.firing',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row(
    'after five episodes in ten minutes the sixth is no episode',
    manyEpisodes,
    off(p3),
    'life.firing',
    dm('flapping'),
  ),
  row(
    'once they are ten minutes old it is one again',
    [...manyEpisodes, wait(minutes(10))],
    off(p3),
    'life.firing',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  row('while it flaps a resolution is only a pause', flapping, resolved(), 'life.cooling'),
  row('from which it goes on without a word', [...flapping, resolved()], off(p3), 'life.firing'),
  row(
    'but it may get worse',
    [...flapping, resolved()],
    off(p2),
    '',
    'audit skipped P2 flag_off',
    'hold flag_off P2',
    dm('escalated'),
  ),
  row(
    'or be switched on',
    [...flapping, off(p2), sent, resolved()],
    p2,
    'ticket.filing',
    'hold released P2',
    ...files(1),
  ),
  row('a resolution during the pause is nothing', [...flapping, resolved()], resolved(), 'life.cooling'),
  row('the pause lasts', [...flapping, resolved()], wait(minutes(10) - 1), 'life.cooling'),
  row(
    'quiet for ten minutes it is over',
    [...flapping, resolved()],
    wait(minutes(10)),
    'life.resolved',
    dm('resolved'),
  ),
];

const decisions: Row[] = [
  row('P3 is for messages only', [], p3, 'ticket.belowThreshold', 'audit skipped P3 below_threshold', dm('opened')),
  row('P2 files', [], p2, 'ticket.filing', ...files(1), dm('opened')),
  row('P1 files', [], p1, 'ticket.filing', ...files(1), dm('opened')),
  row(
    'with the flag off nothing files',
    [],
    off(p1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row(
    'a P3 with the flag off is below the threshold first',
    [],
    off(p3),
    'ticket.belowThreshold',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  row('P3 rises to P1: files then', [p3, sent], p1, 'ticket.filing', ...files(1), dm('escalated')),
  row(
    'rises while the flag is off: says so',
    [off(p3), sent],
    off(p1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('escalated'),
  ),
  row(
    'rises and is switched on in one emission: decided once',
    [off(p3), sent],
    p1,
    'ticket.filing',
    ...files(1),
    dm('escalated'),
  ),
  row(
    'rises and is switched on, from P2',
    [off(p2), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
    dm('escalated'),
  ),
  row(
    'the flag goes on: files at the next emission',
    [off(p1), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
  ),
  row('the flag goes on for a P3: nothing', [off(p3), sent], p3, 'ticket.belowThreshold'),
  row(
    'the flag is found off right before the POST',
    [p1, sent],
    refused('flag_off'),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'and on at the next emission',
    [p1, sent, refused('flag_off')],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(2),
  ),
  row(
    'off once more is not audited twice',
    [p1, sent, refused('flag_off'), p1],
    refused('flag_off'),
    'ticket.heldBack',
    'hold flag_off P1',
  ),
  row('the sender was silent for too long', [p1, sent], refused('silent'), 'ticket.silent', 'audit skipped P1 silent'),
  row('its next word decides again', [p1, sent, refused('silent')], p1, 'ticket.filing', ...files(2)),
  row(
    'perhaps another alert under a new id: no ticket for now',
    [p1, sent],
    refused('unstable_id'),
    'ticket.suspect',
    'audit skipped P1 unstable_id',
  ),
  row('its sender knows it by that id', [p1, sent, refused('unstable_id')], p1, 'ticket.filing', ...files(2)),
  row(
    'half a minute later it is looked at again',
    [p1, sent, refused('unstable_id')],
    wait(seconds(30)),
    'ticket.filing',
    ...files(2),
  ),
  ...(['silent', 'unstable_id'] as const).flatMap((reason) => [
    row(
      `it gets worse, though refused as ${reason}: decided anew`,
      [p2, sent, refused(reason)],
      p1,
      'ticket.filing',
      ...files(2),
      dm('escalated'),
    ),
    row(
      `it is switched off, though refused as ${reason}: held back`,
      [p1, sent, refused(reason)],
      off(p1),
      'ticket.heldBack',
      'audit skipped P1 flag_off',
      'hold flag_off P1',
    ),
  ]),
  row('it goes on under its first id', [p1, sent, refused('unstable_id')], resolved(), 'ticket.none', dm('resolved')),
  row(
    'the help desk refuses the very ticket',
    [p1, sent],
    rejected,
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a filing that broke leaves no intent open',
    [p1, sent],
    broke('file'),
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a refused ticket is refused for the whole episode',
    [p2, sent, rejected],
    p1,
    'ticket.rejected',
    dm('escalated'),
  ),
  row('a person sends it again', [p1, sent, rejected], replayed(1), 'ticket.filing', ...files(2)),
  row('and it is refused once more', [p1, sent, rejected, replayed(1)], rejected, 'ticket.rejected', 'withdraw 2'),
  row(
    'the first letter files nothing then',
    [p1, sent, rejected, replayed(1), rejected],
    replayed(1),
    'ticket.rejected',
  ),
  row(
    'it comes and goes meanwhile, and what was decided for good no longer holds',
    [p1, sent, rejected, replayed(1)],
    refused('withdrawn'),
    'ticket.filing',
    ...files(3),
  ),
  row('the letter of another filing files nothing', [p1, sent, rejected], replayed(7), 'ticket.rejected'),
  row('nor does one whose episode has ended', [p1, sent, rejected, resolved(), sent], replayed(1), 'ticket.none'),
  row(
    'nor in the next episode, whose ticket is refused too',
    [p1, sent, rejected, resolved(), sent, p1, sent, rejected],
    replayed(1),
    'ticket.rejected',
  ),
  row(
    'nor where the flag is off: it waits for that',
    [p1, sent, rejected, off(p1)],
    replayed(1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'nor is it filed after all when it flaps',
    [p1, sent, rejected, resolved(), sent],
    emitted({ flapMaxEpisodes: 1 }),
    'ticket.rejected',
    dm('flapping'),
  ),
  row('the next episode tries', [p1, sent, rejected, resolved(), sent], p1, 'ticket.filing', ...files(2), dm('opened')),
  row('P3 without a ticket resolves', [off(p3), sent], resolved(), 'ticket.none', dm('resolved')),
  row('P1 without a ticket resolves', [off(p1), sent], resolved(), 'ticket.none', 'hold ended P1', dm('resolved')),
  row('a silent one resolves', [p1, sent, refused('silent')], resolved(), 'ticket.none', dm('resolved')),
  row('a refused one resolves', [p1, sent, rejected], resolved(), 'ticket.none', dm('resolved')),
];

const filing: Row[] = [
  row('filed: audited, linked', [p1, sent], filed(412), 'ticket.ticketed', 'audit filed P1', dm('ticket')),
  row(
    'filed while the help desk was held to be down: told',
    [p1, sent],
    filed(412, { whileFailing: true }),
    '',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
  ),
  row(
    'tags that did not hold become a duty',
    [p1, sent],
    filed(412, { tagged: false }),
    'upkeep.working',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket tag 1',
  ),
  row('with a ticket, further emissions are nothing', [p1, sent, filed(412), sent], p1, 'ticket.ticketed'),
  row('nor is the flag going off', [p1, sent, filed(412), sent], off(p1), 'ticket.ticketed'),
  row(
    'a rise is noted on the ticket',
    [p2, sent, filed(412), sent],
    p1,
    'ticket.ticketed',
    dm('escalated'),
    'run keepTicket note severity',
  ),
  row(
    'the end is noted on the ticket',
    [p1, sent, filed(412), sent],
    resolved(),
    'ticket.ticketed',
    dm('resolved'),
    'run keepTicket note resolved',
  ),
  row(
    'the next episode has a ticket of its own',
    [p1, sent, filed(412), sent, resolved(), sent],
    p1,
    'ticket.filing',
    ...files(2),
    dm('opened'),
  ),
  row(
    'a rise during the filing is noted once the ticket stands',
    [p2, sent, p1, sent],
    filed(412),
    'ticket.ticketed',
    'audit filed P2',
    dm('ticket'),
    'run keepTicket note severity',
  ),
  row(
    'an end during the filing withdraws it',
    [p1, sent],
    resolved(),
    'life.resolved ticket.filing',
    'withdraw 1',
    dm('resolved'),
  ),
  row(
    'what was posted before is audited and told that all is over',
    gone,
    filed(412),
    'ticket.none',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket note resolved',
  ),
  ...(
    [
      ['was not posted any more', refused('withdrawn')],
      ['failed', failed()],
      ['was refused as such', rejected],
      ['met a storm', refused('storm')],
      ['met a silence', refused('silent')],
      ['met the flag', refused('flag_off')],
      ['broke', broke('file')],
    ] as const
  ).map(([what, on]) =>
    row(
      `a filing of an ended episode that ${what} comes to nothing, and says why`,
      gone,
      on,
      'ticket.none',
      'withdraw 1',
      'audit skipped P1 resolved_before_filing',
    ),
  ),
  row(
    'a filing of an ended episode in doubt is still looked for',
    gone,
    inDoubt,
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'run settleDoubt 1',
  ),
  ...(
    [
      ['was withdrawn', refused('withdrawn')],
      ['failed', failed()],
      ['was refused as such', rejected],
      ['met a storm', refused('storm')],
    ] as const
  ).map(([what, on]) =>
    row(
      `a new episode waits until the old one's filing ${what}, and files its own`,
      reborn,
      on,
      'ticket.filing',
      'withdraw 1',
      'audit skipped P2 resolved_before_filing',
      ...files(2),
    ),
  ),
  row(
    'a ticket of the old episode is not the ticket of the new one',
    reborn,
    filed(412),
    'ticket.filing',
    'audit filed P2',
    ...files(2),
    'run keepTicket note resolved',
  ),
  row(
    'an episode that came and went meanwhile says why it has none',
    reborn,
    resolved(),
    'ticket.filing',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
    dm('resolved'),
  ),
  row(
    'and says it once',
    [...reborn, resolved(), sent],
    refused('withdrawn'),
    'ticket.none',
    'withdraw 1',
    'audit skipped P2 resolved_before_filing',
  ),
  row(
    'an episode that came and went between two others had its word already',
    [...reborn, resolved(), sent, p1, sent],
    refused('withdrawn'),
    'ticket.filing',
    'withdraw 1',
    'audit skipped P2 resolved_before_filing',
    ...files(2),
  ),
];

const waiting: Row[] = [
  row(
    'the help desk fails: waits, and says so',
    [p1, sent],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'held back: the same',
    [p1, sent],
    failed('held'),
    'ticket.waiting',
    'tell helpdesk FAILED held',
    'audit skipped P1 freescout_unavailable',
  ),
  row('its turn to try for all', [p1, sent, failed()], tries(true), 'ticket.filing', 'run fileTicket 1 probe'),
  row('released', [p1, sent, failed()], tries(false), 'ticket.filing', 'run fileTicket 1'),
  row(
    'failing again is not audited again',
    [p1, sent, failed(), tries(true)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
  ),
  row('it rises meanwhile: told, and still waits', [p2, sent, failed()], p1, 'ticket.waiting', dm('escalated')),
  row(
    'and that stands on the ticket in the end',
    [p2, sent, failed(), p1, sent, tries(true)],
    filed(412),
    'ticket.ticketed',
    'audit filed P2',
    dm('ticket'),
    'run keepTicket note severity',
  ),
  row(
    'over before its turn: never filed',
    [p1, sent, failed()],
    resolved(),
    'ticket.none',
    'withdraw 1',
    'tell helpdesk LEFT',
    'audit skipped P1 resolved_before_filing',
    dm('resolved'),
  ),
  row('a turn that comes too late is nothing', [p1, sent, failed(), resolved(), sent], tries(true), 'ticket.none'),
  row('a turn while it files already is nothing', [p1, sent], tries(true), 'ticket.filing'),
  row(
    'whoever waits long says so again',
    [p1, sent, failed()],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'and again',
    [p1, sent, failed(), wait(minutes(5))],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'silent when its turn comes',
    [p1, sent, failed(), tries(true)],
    refused('silent'),
    'ticket.silent',
    'audit skipped P1 silent',
  ),
];

const doubtful: Row[] = [
  row(
    'a lost answer is looked for',
    [p1, sent],
    inDoubt,
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'run settleDoubt 1',
  ),
  row(
    'what another run left in doubt says nothing about the help desk',
    [p1, sent],
    inheritedDoubt,
    'ticket.doubtful.looking',
    'run settleDoubt 1',
  ),
  row(
    'found, which the help desk hears even where it was not held to fail yet',
    [p1, sent, inDoubt],
    found(412),
    'ticket.ticketed',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
  ),
  row('not found: posted again, the same filing', [p1, sent, inDoubt], notFound, 'ticket.filing', 'run fileTicket 1'),
  row(
    'a lasting doubt means that the help desk still fails',
    [p1, sent, inDoubt],
    wait(minutes(10)),
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'tell helpdesk FAILED unavailable',
  ),
  row(
    'looking that broke leaves no intent open',
    [p1, sent, inDoubt],
    broke('settle'),
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'the episode ends: withdrawn, and still looked for',
    [p1, sent, inDoubt],
    resolved(),
    'ticket.doubtful.looking',
    'withdraw 1',
    dm('resolved'),
  ),
  row(
    'found too late',
    goneInDoubt,
    found(412),
    'ticket.none',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
    'run keepTicket note resolved',
  ),
  row(
    'not found, and not wanted any more',
    goneInDoubt,
    notFound,
    'ticket.none',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
  ),
  row(
    'looking that broke, and not wanted any more',
    goneInDoubt,
    broke('settle'),
    'ticket.none',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
  ),
  row(
    'not found, and a new episode waits',
    [...goneInDoubt, p1, sent],
    notFound,
    'ticket.filing',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
    ...files(2),
  ),
  row(
    'a new episode while in doubt waits for the end of it',
    goneInDoubt,
    p1,
    'life.firing ticket.doubtful.looking',
    dm('opened'),
  ),
];

const stormed: Row[] = [
  row(
    'too many: named on the umbrella instead',
    [p1, sent],
    refused('storm'),
    'ticket.stormed',
    'audit skipped P1 storm',
    ...joins,
  ),
  row(
    'over: the umbrella hears of it',
    [p1, sent, refused('storm')],
    resolved(),
    'ticket.none',
    'tell umbrella:s TICKET_LEFT',
    dm('resolved'),
  ),
  row(
    'the umbrella comes to nothing because of the flag',
    [p1, sent, refused('storm')],
    unlisted('flag_off'),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'once it is on, the umbrella is asked again',
    [p1, sent, refused('storm'), unlisted('flag_off')],
    p1,
    'ticket.stormed',
    'hold released P1',
    ...joins,
  ),
  row(
    'the umbrella is refused as such',
    [p1, sent, refused('storm')],
    unlisted('rejected'),
    'ticket.rejected',
    'audit skipped P1 rejected',
  ),
  row(
    'word of an umbrella that concerns it no more is nothing',
    [p1, sent, filed(412), sent],
    unlisted('flag_off'),
    'ticket.ticketed',
  ),
  row('the flag does not give it a second ticket', [p1, sent, refused('storm'), off(p1)], p1, 'ticket.stormed'),
];

const named = 'tell alert:s:network DEPENDENT';
const holds: Row[] = [
  row(
    'a dependency that fails without being confirmed holds it',
    [],
    under(p1),
    'ticket.heldBack',
    ...holding,
    dm('opened'),
  ),
  row(
    'one that is confirmed hears of it',
    [],
    under(p1, 'network'),
    'ticket.heldBack',
    ...holding,
    named,
    dm('opened'),
  ),
  row(
    'confirmed later: hears of it then, and nothing is audited twice',
    [under(p1), sent],
    under(p1, 'network'),
    'ticket.heldBack',
    'hold released P1',
    'hold dependency P1',
    named,
  ),
  row('it hears of it once', [under(p1, 'network'), sent], under(p1, 'network'), 'ticket.heldBack'),
  row(
    'of two outages each hears of it once',
    [under(p1, 'network'), sent],
    under(p1, 'database', 'network'),
    'ticket.heldBack',
    'hold released P1',
    'hold dependency P1',
    'tell alert:s:database DEPENDENT',
  ),
  row(
    'the dependency recovers: files at the next emission',
    [under(p1, 'network'), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
  ),
  row(
    'it recovers with the dependency: never filed',
    [under(p1, 'network'), sent],
    resolved(),
    'ticket.none',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'in its next episode the outage hears of it again',
    [under(p1, 'network'), sent, resolved(), sent],
    under(p1, 'network'),
    'ticket.heldBack',
    ...holding,
    named,
    dm('opened'),
  ),
  row(
    'one reason follows another: each is audited',
    [off(p1), sent],
    under(p1),
    'ticket.heldBack',
    'hold released P1',
    ...holding,
  ),
  row(
    'P3 is below the threshold, whatever holds it',
    [],
    under(p3),
    'ticket.belowThreshold',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  ...(['offline', 'maintenance', 'dependency'] as const).flatMap((reason) => [
    row(
      `${reason}, found right before the POST`,
      [p1, sent],
      refused(reason),
      'ticket.heldBack',
      `audit skipped P1 ${reason}`,
      `hold ${reason} P1`,
    ),
    row(
      `${reason} is over: files at the next emission`,
      [p1, sent, refused(reason)],
      p1,
      'ticket.filing',
      'hold released P1',
      ...files(2),
    ),
  ]),
  row(
    'a dependency that fails later takes no ticket away',
    [p1, sent, filed(412), sent],
    under(p1, 'network'),
    'ticket.ticketed',
  ),
  row(
    'it waits for the help desk and is held meanwhile: its turn decides',
    [p1, sent, failed(), under(p1, 'network'), tries(true)],
    refused('dependency'),
    'ticket.heldBack',
    ...holding,
    named,
  ),
];

const above: Row[] = [
  row(
    'names what depends on it on its ticket',
    [p1, sent, filed(412), sent],
    dependent('x'),
    'upkeep.working',
    'run keepTicket note dependents',
  ),
  row(
    'names each once',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x'),
    'upkeep.idle',
  ),
  row(
    'names it again in its next episode',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x', 2),
    'upkeep.working',
    'run keepTicket note dependents',
  ),
  row(
    'names it once the ticket is there',
    [p1, sent, dependent('x')],
    filed(412),
    'ticket.ticketed',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket note dependents',
  ),
  row(
    'does not name it once it is over',
    [p1, sent, filed(412), sent, resolved(), sent],
    dependent('x'),
    'upkeep.working',
  ),
];

const messages: Row[] = [
  row('one after the other', [off(p3), off(p1)], sent, 'dm.sending', dm('escalated')),
  row('none is left', [off(p3)], sent, 'dm.idle'),
  row('held back for the group', [off(p1)], done('dm', { outcome: 'grouped' }), 'dm.idle', 'tell umbrella:s DM_MEMBER'),
  row('one that cannot be sent does not stop the next', [off(p3), off(p1)], broke('dm'), 'dm.sending', dm('escalated')),
  row('the ticket does not wait for messages', [p1], filed(412), 'ticket.ticketed dm.sending', 'audit filed P1'),
];

const haveTicket = [p1, sent, filed(412), sent];
const upkeep: Row[] = [
  row(
    'a note for a closed ticket is dropped and audited',
    [...haveTicket, resolved(), sent],
    done('chore', { outcome: 'dropped', reason: 'ticket is closed' }),
    'upkeep.idle',
    'audit note_dropped ticket is closed',
  ),
  row(
    'a note that stands is done',
    [...haveTicket, resolved(), sent],
    done('chore', { outcome: 'done' }),
    'upkeep.idle',
  ),
  row(
    'one that cannot be done does not stop the next',
    [p2, sent, filed(412, { tagged: false }), sent, p1, sent],
    broke('chore'),
    'upkeep.working',
    'run keepTicket note severity',
  ),
];

/** The ticket of a filing that was closed without one. */
const turnsUp = (n: number, episode = 1) => ({
  type: 'FOUND',
  filingId: `${F}:${n}`,
  ticket: ticket(500),
  filedAt: '2026-05-05T14:00:00.000Z',
  closedAt: '2026-05-05T14:00:30.000Z',
  episode,
  severity: 'P1',
});
const adopts = (n: number): string[] => [`adopt ${n}`, 'audit filed P1', 'audit adopted'];
const tags = 'run keepTicket tag 1';
const lost = [p1, sent, rejected];
const foundLate: Row[] = [
  row(
    'the ticket of an alert that goes on without one: it is the one after all',
    lost,
    turnsUp(1),
    'life.firing ticket.ticketed',
    'tell helpdesk LEFT',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'one that is held back is held no more',
    [p1, sent, refused('flag_off')],
    turnsUp(1),
    'ticket.ticketed',
    'hold released P1',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'one that waits to file anew need not any more',
    [...lost, replayed(1), failed()],
    turnsUp(1),
    'ticket.ticketed',
    'withdraw 2',
    'tell helpdesk LEFT',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'one that files anew cannot be called back',
    [...lost, replayed(1)],
    turnsUp(1),
    'ticket.filing',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'nor can one in doubt',
    [...lost, replayed(1), inDoubt],
    turnsUp(1),
    'ticket.doubtful.looking',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  ...(
    [
      ['fails', failed(), 'tell helpdesk LEFT'],
      ['is held back', refused('flag_off'), 'tell helpdesk LEFT'],
      ['breaks', broke('file'), 'tell helpdesk LEFT'],
    ] as const
  ).map(([how, end, ...told]) =>
    row(
      `where the filing that went on then ${how}, nothing is posted any more: the ticket stands`,
      [...lost, replayed(1), turnsUp(1), sent],
      end,
      'ticket.ticketed',
      'withdraw 2',
      ...told,
    ),
  ),
  ...(
    [
      ['ends without a ticket of its own', notFound],
      ['breaks', broke('settle')],
    ] as const
  ).map(([how, end]) =>
    row(
      `where the doubt that went on then ${how}, the same`,
      [...lost, replayed(1), inDoubt, turnsUp(1), sent],
      end,
      'ticket.ticketed',
      'withdraw 2',
      'tell helpdesk LEFT',
    ),
  ),
  row(
    'the ticket of an earlier episode leaves the filing of this one as it is',
    [...gone, refused('withdrawn'), p1, sent, turnsUp(1)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'the ticket of an episode that is over is kept, and told that it is',
    [...gone, refused('withdrawn')],
    turnsUp(1),
    'life.resolved ticket.none',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'the ticket of an earlier episode is not the ticket of one that is held back',
    [...gone, refused('withdrawn'), off(p1), sent],
    turnsUp(1),
    'ticket.heldBack',
    ...adopts(1),
    tags,
  ),
  row(
    'a second ticket for an episode is tagged, and nobody is told that it is the one',
    [...lost, replayed(1), filed(412), sent],
    turnsUp(1),
    'ticket.ticketed',
    ...adopts(1),
    tags,
  ),
];

/** As a fault left it, or a release that knew less: it goes on, and nothing was decided about its ticket. */
const undecided = amended(({ value, context, ...rest }) => ({
  ...rest,
  value: { ...Object(value), ticket: 'none' },
  context: { ...context, held: null },
}));
const reconsider = { type: 'RECONSIDER' };
const reconsidered: Row[] = [
  row(
    'an alert about whose ticket nothing was decided is decided upon',
    [off(p1), sent, undecided],
    reconsider,
    'ticket.filing',
    'audit alert_reconsidered P1',
    ...files(1),
  ),
  row('one that is over is not', [p3, sent, resolved(), sent], reconsider, 'ticket.none'),
  row('nor is one about which something was', lost, reconsider, 'ticket.rejected'),
];

const unstable = { type: 'IDS_UNSTABLE', alertIds: ['aaaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaaa2'] };
const unstableIds: Row[] = [
  row(
    'new ids each time: audited, and noted on the ticket that stands for all of them',
    [p1, sent, filed(412), sent],
    unstable,
    'life.firing upkeep.working',
    'audit unstable_ids',
    'run keepTicket note unstable',
  ),
  row('without a ticket it is only audited', [p3, sent], unstable, 'upkeep.idle', 'audit unstable_ids'),
  row('known already, it is nothing new', [p3, sent, unstable], unstable, 'life.firing'),
  row('nor is it once the alert is over', [p3, sent, resolved(), sent], unstable, 'life.resolved'),
];

const tables = {
  ...{ life, decisions, filing, waiting, doubtful, stormed, holds, above, messages, upkeep },
  ...{ foundLate, reconsidered, unstableIds },
};
table(alertMachine, F, tables, ['ticket.deciding']);

it('a crowd below one outage is named in two notes: the first at once, the others with it', () => {
  const actor = alert();
  actor.take(p1, sent, filed(412), sent);
  for (let n = 0; n < 100; n++) actor.take(dependent(`x${n}`));
  const notes = actor.context.chores.flatMap((chore) => (chore.kind === 'note' ? [chore.about] : []));
  expect(notes.map((about) => ('members' in about ? about.members.length : 0))).toEqual([1, 99]);
});

it('an emission of an older release, which knows of the flag only, is held by the flag only', () => {
  const { held: _, under: __, ...older } = p1;
  const actor = alert();
  actor.take({ ...older, auto: false } as Happening);
  expect(actor.context.held).toBe('flag_off');
  actor.take({ ...older, auto: true } as Happening);
  expect(actor.context).toMatchObject({ held: null, under: [] });
});

describe('an alert that is steady', () => {
  it.each([
    ['below the threshold', [p3, sent], p3],
    ['switched off', [off(p1), sent], off(p1)],
    ['being filed', [p1], p1],
    ['waiting', [p1, failed()], p1],
    ['in doubt', [p1, inDoubt], p1],
    ['held below an outage', [under(p1, 'network'), sent], under(p1, 'network')],
    ['stormed', [p1, refused('storm')], p1],
    ['rejected', [p1, rejected], p1],
    ['ticketed', haveTicket, p1],
    ['flapping', flapping, off(p3)],
    ['two under one key', [off(p1), other(off(p1))], off(p1)],
  ] as [string, Happening[], EmittedEvent][])('changes nothing and says nothing while %s', (_, from, again) => {
    const actor = alert();
    actor.take(...from);
    const before = actor.stored();
    expect(actor.take(wait(seconds(30)), again)).toEqual({ says: [], moved: false, asks: [] });
    expect(actor.stored()).toBe(before);
  });
});

describe('what is written down', () => {
  it('the audit row of a ticket has exactly the four facts', () => {
    const actor = alert();
    actor.take(p2);
    expect(said(actor.take(filed(412)).says, 'audit')).toEqual([
      {
        action: 'console.alerts.ticket_filed',
        payload: { alert_key: KEY, severity: 'P2', ticket_id: 412, ticket_url: ticket(412).url },
        actor: 's',
      },
    ]);
  });

  it('a decision not to file has exactly three', () => {
    const { says } = alert().take(p3);
    expect(said(says, 'audit')).toEqual([
      {
        action: 'console.alerts.ticket_skipped',
        payload: { alert_key: KEY, severity: 'P3', reason: 'below_threshold' },
        actor: 's',
      },
    ]);
  });

  it('a collision names both ids', () => {
    const actor = alert();
    actor.take(p3);
    expect(said(actor.take(other(p3)).says, 'audit')).toEqual([
      {
        action: 'console.alerts.key_collision',
        payload: { alert_key: KEY, alert_ids: ['aaaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaaa2'] },
        actor: 's',
      },
    ]);
  });

  it('messages of an episode share a thread, and each has an id of its own', () => {
    const actor = alert();
    const kinds = [p3, p1, resolved(), p3].map((event) => {
      actor.take(event);
      return actor.context.dms.map(({ id, thread, kind }) => [id, thread, kind].join(' '));
    });
    expect(kinds.at(-1)).toEqual([
      `dm:${KEY}:1 alert:${KEY}:1 opened`,
      `dm:${KEY}:2 alert:${KEY}:1 escalated`,
      `dm:${KEY}:3 alert:${KEY}:1 resolved`,
      `dm:${KEY}:4 alert:${KEY}:2 opened`,
    ]);
  });

  it('the message after the ticket carries its link', () => {
    const actor = alert();
    actor.take(p1, sent, filed(412));
    expect(actor.context.dms).toMatchObject([{ kind: 'ticket', body: { ticket: ticket(412) } }]);
  });

  it('the note on a ticket found late says when its own episode ended', () => {
    const actor = alert();
    actor.take(
      p1,
      done('file', doubt),
      wait(seconds(10)),
      resolved(),
      wait(seconds(10)),
      p1,
      wait(seconds(10)),
      resolved(),
    );
    actor.take(wait(minutes(1)), found(412));
    expect(actor.input<{ about: object }>('chore').about).toMatchObject({
      what: 'resolved',
      at: '2026-05-05T14:00:10.000Z',
    });
  });
});

describe('one episode', () => {
  it('that resumes keeps its ticket', () => {
    const actor = alert();
    for (let n = 0; n < 5; n++) actor.take(p1, filed(n), resolved(), wait(seconds(30)));
    expect(actor.take(p1).asks).toEqual([]);
    expect(actor.value).toMatchObject({ life: 'firing', ticket: 'ticketed' });
    expect(actor.context).toMatchObject({ episode: 5, flapping: true, ticket: ticket(4) });
  });

  it.each([
    ['rejected', rejected, []],
    ['stormed', refused('storm'), joins],
  ] as [string, Happening, string[]][])('that was %s and resumes is not filed after all', (state, result, asks) => {
    const actor = alert();
    for (let n = 0; n < 5; n++) actor.take(p1, result, resolved(), wait(seconds(30)));
    expect(actor.take(p1).asks).toEqual(asks);
    expect(actor.value).toMatchObject({ life: 'firing', ticket: state });
  });

  it('that resumes while its filing is withdrawn keeps the ticket, if there is one', () => {
    const actor = alert();
    for (let n = 0; n < 4; n++) actor.take(p3, resolved(), wait(seconds(30)));
    actor.take(p1, resolved(), p1, filed(412));
    expect(actor.value).toMatchObject({ life: 'firing', ticket: 'ticketed' });
    expect(actor.context).toMatchObject({ ticket: ticket(412), chores: [] });
  });

  it('or files anew, if there is none', () => {
    const actor = alert();
    for (let n = 0; n < 4; n++) actor.take(p3, resolved(), wait(seconds(30)));
    actor.take(p1, resolved(), p1);
    expect(actor.take(refused('withdrawn')).asks).toEqual(['withdraw 1', 'intend 2', 'run fileTicket 2']);
  });
});

describe('words that a person wrote', () => {
  const words = { subject: 'P1: shorter', body: 'Less.' };
  const intents = (actor: Actor<AlertContext>, ...given: Happening[]) =>
    said<FilingIntent>(actor.take(...given).says, 'intend').map(({ request }) => request);

  it('stand on the ticket that is filed with them, and on no later episode’s', () => {
    const actor = alert();
    actor.take(p1, sent, rejected);
    expect(intents(actor, replayed(1, words))).toMatchObject([{ words }]);
    actor.take(rejected, resolved(), sent);
    expect(intents(actor, p1)).not.toMatchObject([{ words }]);
  });

  it('go to the umbrella that was refused with its members', () => {
    const actor = alert();
    actor.take(p1, sent, refused('storm'), { ...unlisted('rejected'), filingId: 'umbrella:s:1' } as Happening);
    const { says } = actor.take({ type: 'REPLAYED', filingId: 'umbrella:s:1', words } as Happening);
    expect(said(says, 'tell')).toMatchObject([
      { to: 'umbrella:s', event: { type: 'TICKET_MEMBER', words } },
      { to: 'umbrella:s', event: { type: 'DM_MEMBER' } },
    ]);
  });
});

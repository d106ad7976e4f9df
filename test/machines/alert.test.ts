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
    'a first emission opens an episode',
    [],
    off(p1),
    'life.firing',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row('a resolution before the first emission changes nothing', [], resolved(), 'life.quiet'),
  row('a repeated emission changes nothing', [off(p1), sent], off(p1), 'life.firing'),
  row('a lower severity changes nothing', [off(p1), sent], off(p3), 'life.firing'),
  row(
    'a resolution ends the episode and sends a message',
    [off(p1), sent],
    resolved(),
    'life.resolved',
    'hold ended P1',
    dm('resolved'),
  ),
  row('a second resolution changes nothing', [off(p1), sent, resolved(), sent], resolved(), 'life.resolved'),
  row('the resolution of an unknown id changes nothing', [off(p1), sent], resolved('x'), 'life.firing'),
  row(
    'a second id under the same key is audited and joins the episode',
    [off(p1), sent],
    other(off(p1)),
    'life.firing',
    'audit key_collision',
  ),
  row(
    'a second id may raise the severity',
    [off(p3), sent],
    other(off(p1)),
    '',
    'audit key_collision',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('escalated'),
  ),
  row('an episode goes on while one of its two ids fires', [off(p1), sent, other(off(p1))], resolved(), 'life.firing'),
  row(
    'an episode ends when both of its ids have resolved',
    [off(p1), sent, other(off(p1)), resolved()],
    resolved('aaaaaaaaaaaaaaaa2'),
    'life.resolved',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'an alert that fires again opens a new episode',
    [off(p1), sent, resolved(), sent],
    off(p1),
    'life.firing',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row('a sixth episode within ten minutes resumes the fifth', manyEpisodes, off(p3), 'life.firing', dm('flapping')),
  row(
    'ten minutes after five short episodes an emission opens a new episode',
    [...manyEpisodes, wait(minutes(10))],
    off(p3),
    'life.firing',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  row('a resolution while flapping does not end the episode', flapping, resolved(), 'life.cooling'),
  row('a flapping alert that fires again sends no message', [...flapping, resolved()], off(p3), 'life.firing'),
  row(
    'a flapping alert that fires again may be escalated',
    [...flapping, resolved()],
    off(p2),
    '',
    'audit skipped P2 flag_off',
    'hold flag_off P2',
    dm('escalated'),
  ),
  row(
    'a flapping alert that fires again with the flag on files',
    [...flapping, off(p2), sent, resolved()],
    p2,
    'ticket.filing',
    'hold released P2',
    ...files(1),
  ),
  row('a second resolution while flapping changes nothing', [...flapping, resolved()], resolved(), 'life.cooling'),
  row(
    'a flapping episode stays open until it was quiet for the whole window',
    [...flapping, resolved()],
    wait(minutes(10) - 1),
    'life.cooling',
  ),
  row(
    'a flapping episode ends after a quiet window',
    [...flapping, resolved()],
    wait(minutes(10)),
    'life.resolved',
    dm('resolved'),
  ),
];

const decisions: Row[] = [
  row(
    'a P3 sends a message and files nothing',
    [],
    p3,
    'ticket.belowThreshold',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  row('a P2 files', [], p2, 'ticket.filing', ...files(1), dm('opened')),
  row('a P1 files', [], p1, 'ticket.filing', ...files(1), dm('opened')),
  row(
    'a P1 with the flag off is held back',
    [],
    off(p1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('opened'),
  ),
  row(
    'a P3 with the flag off is audited as below the threshold',
    [],
    off(p3),
    'ticket.belowThreshold',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  row('a P3 that rises to P1 files', [p3, sent], p1, 'ticket.filing', ...files(1), dm('escalated')),
  row(
    'a P3 that rises to P1 with the flag off is held back',
    [off(p3), sent],
    off(p1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
    dm('escalated'),
  ),
  row(
    'an emission that raises a P3 and has the flag on files once',
    [off(p3), sent],
    p1,
    'ticket.filing',
    ...files(1),
    dm('escalated'),
  ),
  row(
    'an emission that raises a suppressed P2 and has the flag on files once',
    [off(p2), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
    dm('escalated'),
  ),
  row(
    'an alert held back by the flag files at the first emission with the flag on',
    [off(p1), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
  ),
  row('the flag going on changes nothing for a P3', [off(p3), sent], p3, 'ticket.belowThreshold'),
  row(
    'a flag found off right before the POST holds the alert back',
    [p1, sent],
    refused('flag_off'),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'an alert held back right before its POST files at the next emission with the flag on',
    [p1, sent, refused('flag_off')],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(2),
  ),
  row(
    'a second suppression by the flag is not audited again',
    [p1, sent, refused('flag_off'), p1],
    refused('flag_off'),
    'ticket.heldBack',
    'hold flag_off P1',
  ),
  row(
    'a filing refused as silent is audited',
    [p1, sent],
    refused('silent'),
    'ticket.silent',
    'audit skipped P1 silent',
  ),
  row('a repeat from a silent sender files', [p1, sent, refused('silent')], p1, 'ticket.filing', ...files(2)),
  row(
    'a filing refused for an unstable id waits for a second look',
    [p1, sent],
    refused('unstable_id'),
    'ticket.suspect',
    'audit skipped P1 unstable_id',
  ),
  row(
    'a suspect alert that is emitted again files',
    [p1, sent, refused('unstable_id')],
    p1,
    'ticket.filing',
    ...files(2),
  ),
  row(
    'a suspect alert is decided again after 30 s',
    [p1, sent, refused('unstable_id')],
    wait(seconds(30)),
    'ticket.filing',
    ...files(2),
  ),
  ...(['silent', 'unstable_id'] as const).flatMap((reason) => [
    row(
      `an alert refused as ${reason} that gets worse files`,
      [p2, sent, refused(reason)],
      p1,
      'ticket.filing',
      ...files(2),
      dm('escalated'),
    ),
    row(
      `an alert refused as ${reason} is held back when the flag goes off`,
      [p1, sent, refused(reason)],
      off(p1),
      'ticket.heldBack',
      'audit skipped P1 flag_off',
      'hold flag_off P1',
    ),
  ]),
  row(
    'a suspect alert that resolves gets no ticket',
    [p1, sent, refused('unstable_id')],
    resolved(),
    'ticket.none',
    dm('resolved'),
  ),
  row(
    'a ticket that the help desk rejects is withdrawn and audited',
    [p1, sent],
    rejected,
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a filing effect that fails leaves no intent open',
    [p1, sent],
    broke('file'),
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a rejected ticket is not tried again when the severity rises',
    [p2, sent, rejected],
    p1,
    'ticket.rejected',
    dm('escalated'),
  ),
  row('a replay of the dead letter files again', [p1, sent, rejected], replayed(1), 'ticket.filing', ...files(2)),
  row(
    'a replayed ticket may be rejected again',
    [p1, sent, rejected, replayed(1)],
    rejected,
    'ticket.rejected',
    'withdraw 2',
  ),
  row(
    'a replay of an older dead letter of the episode files nothing',
    [p1, sent, rejected, replayed(1), rejected],
    replayed(1),
    'ticket.rejected',
  ),
  row(
    'a replayed filing that was withdrawn files again',
    [p1, sent, rejected, replayed(1)],
    refused('withdrawn'),
    'ticket.filing',
    ...files(3),
  ),
  row('the dead letter of another filing files nothing', [p1, sent, rejected], replayed(7), 'ticket.rejected'),
  row(
    'a replay after the end of the episode files nothing',
    [p1, sent, rejected, resolved(), sent],
    replayed(1),
    'ticket.none',
  ),
  row(
    'the dead letter of an earlier episode files nothing in the next one',
    [p1, sent, rejected, resolved(), sent, p1, sent, rejected],
    replayed(1),
    'ticket.rejected',
  ),
  row(
    'a replay with the flag off is held back',
    [p1, sent, rejected, off(p1)],
    replayed(1),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'a rejected ticket is not filed when its episode resumes',
    [p1, sent, rejected, resolved(), sent],
    emitted({ flapMaxEpisodes: 1 }),
    'ticket.rejected',
    dm('flapping'),
  ),
  row(
    'the episode after a rejection files',
    [p1, sent, rejected, resolved(), sent],
    p1,
    'ticket.filing',
    ...files(2),
    dm('opened'),
  ),
  row('a P3 resolves without a ticket', [off(p3), sent], resolved(), 'ticket.none', dm('resolved')),
  row(
    'a P1 that was held back resolves without a ticket',
    [off(p1), sent],
    resolved(),
    'ticket.none',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'an alert refused as silent resolves without a ticket',
    [p1, sent, refused('silent')],
    resolved(),
    'ticket.none',
    dm('resolved'),
  ),
  row(
    'an alert whose ticket was rejected resolves without a ticket',
    [p1, sent, rejected],
    resolved(),
    'ticket.none',
    dm('resolved'),
  ),
];

const filing: Row[] = [
  row(
    'a filed ticket is audited and linked in a message',
    [p1, sent],
    filed(412),
    'ticket.ticketed',
    'audit filed P1',
    dm('ticket'),
  ),
  row(
    'a ticket filed while the breaker was open closes it',
    [p1, sent],
    filed(412, { whileFailing: true }),
    '',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
  ),
  row(
    'missing tags become a ticket update',
    [p1, sent],
    filed(412, { tagged: false }),
    'upkeep.working',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket tag 1',
  ),
  row('a repeat changes nothing once there is a ticket', [p1, sent, filed(412), sent], p1, 'ticket.ticketed'),
  row(
    'the flag going off changes nothing once there is a ticket',
    [p1, sent, filed(412), sent],
    off(p1),
    'ticket.ticketed',
  ),
  row(
    'a severity that rises is noted on the ticket',
    [p2, sent, filed(412), sent],
    p1,
    'ticket.ticketed',
    dm('escalated'),
    'run keepTicket note severity',
  ),
  row(
    'the end of the episode is noted on the ticket',
    [p1, sent, filed(412), sent],
    resolved(),
    'ticket.ticketed',
    dm('resolved'),
    'run keepTicket note resolved',
  ),
  row(
    'the next episode gets a ticket of its own',
    [p1, sent, filed(412), sent, resolved(), sent],
    p1,
    'ticket.filing',
    ...files(2),
    dm('opened'),
  ),
  row(
    'a severity that rises during the filing is noted once there is a ticket',
    [p2, sent, p1, sent],
    filed(412),
    'ticket.ticketed',
    'audit filed P2',
    dm('ticket'),
    'run keepTicket note severity',
  ),
  row(
    'the end of the episode withdraws the filing under way',
    [p1, sent],
    resolved(),
    'life.resolved ticket.filing',
    'withdraw 1',
    dm('resolved'),
  ),
  row(
    'a ticket created for an ended episode is audited and gets a note',
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
      ['was rejected', rejected],
      ['was refused for a storm', refused('storm')],
      ['was refused as silent', refused('silent')],
      ['was refused for the flag', refused('flag_off')],
      ['broke', broke('file')],
    ] as const
  ).map(([what, on]) =>
    row(
      `a filing of an ended episode that ${what} ends without a ticket, and the reason is audited`,
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
      ['was rejected', rejected],
      ['was refused for a storm', refused('storm')],
    ] as const
  ).map(([what, on]) =>
    row(
      `a new episode files once the filing of the last one ${what}`,
      reborn,
      on,
      'ticket.filing',
      'withdraw 1',
      'audit skipped P2 resolved_before_filing',
      ...files(2),
    ),
  ),
  row(
    'a ticket of an earlier episode is not the ticket of the new one',
    reborn,
    filed(412),
    'ticket.filing',
    'audit filed P2',
    ...files(2),
    'run keepTicket note resolved',
  ),
  row(
    'an episode that begins and ends during the filing of the last one is audited',
    reborn,
    resolved(),
    'ticket.filing',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
    dm('resolved'),
  ),
  row(
    'an episode that ended during the filing of the last one is audited once',
    [...reborn, resolved(), sent],
    refused('withdrawn'),
    'ticket.none',
    'withdraw 1',
    'audit skipped P2 resolved_before_filing',
  ),
  row(
    'an episode that ended between two others is not audited again',
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
    'a filing waits while the help desk fails, and reports it',
    [p1, sent],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a filing that made no call because the breaker is open waits',
    [p1, sent],
    failed('held'),
    'ticket.waiting',
    'tell helpdesk FAILED held',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a waiting filing whose turn it is tries for all',
    [p1, sent, failed()],
    tries(true),
    'ticket.filing',
    'run fileTicket 1 probe',
  ),
  row('a released filing tries again', [p1, sent, failed()], tries(false), 'ticket.filing', 'run fileTicket 1'),
  row(
    'a second failure is not audited again',
    [p1, sent, failed(), tries(true)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
  ),
  row(
    'a severity that rises while the filing waits sends a message',
    [p2, sent, failed()],
    p1,
    'ticket.waiting',
    dm('escalated'),
  ),
  row(
    'a severity that rose while the filing waited is noted on the ticket',
    [p2, sent, failed(), p1, sent, tries(true)],
    filed(412),
    'ticket.ticketed',
    'audit filed P2',
    dm('ticket'),
    'run keepTicket note severity',
  ),
  row(
    'an alert that resolves before its turn is never filed',
    [p1, sent, failed()],
    resolved(),
    'ticket.none',
    'withdraw 1',
    'tell helpdesk LEFT',
    'audit skipped P1 resolved_before_filing',
    dm('resolved'),
  ),
  row(
    'a turn after the end of the episode changes nothing',
    [p1, sent, failed(), resolved(), sent],
    tries(true),
    'ticket.none',
  ),
  row('a turn during the filing changes nothing', [p1, sent], tries(true), 'ticket.filing'),
  row(
    'a filing that waits for five minutes reports it again',
    [p1, sent, failed()],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'a filing that waits reports it every five minutes',
    [p1, sent, failed(), wait(minutes(5))],
    wait(minutes(5)),
    'ticket.waiting',
    'tell helpdesk FAILED held',
  ),
  row(
    'a filing refused as silent at its turn waits for the next emission',
    [p1, sent, failed(), tries(true)],
    refused('silent'),
    'ticket.silent',
    'audit skipped P1 silent',
  ),
];

const doubtful: Row[] = [
  row(
    'a ticket whose answer got lost is looked for',
    [p1, sent],
    inDoubt,
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'run settleDoubt 1',
  ),
  row(
    'a doubt inherited from another run is not reported to the breaker',
    [p1, sent],
    inheritedDoubt,
    'ticket.doubtful.looking',
    'run settleDoubt 1',
  ),
  row(
    'a ticket found after a doubt always closes the breaker',
    [p1, sent, inDoubt],
    found(412),
    'ticket.ticketed',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
  ),
  row(
    'a ticket that was not found is posted again by the same filing',
    [p1, sent, inDoubt],
    notFound,
    'ticket.filing',
    'run fileTicket 1',
  ),
  row(
    'a lasting doubt is reported every five minutes',
    [p1, sent, inDoubt],
    wait(minutes(10)),
    'ticket.doubtful.looking',
    'tell helpdesk FAILED unavailable',
    'tell helpdesk FAILED unavailable',
  ),
  row(
    'a look-up that fails leaves no intent open',
    [p1, sent, inDoubt],
    broke('settle'),
    'ticket.rejected',
    'withdraw 1',
    'audit skipped P1 rejected',
  ),
  row(
    'a doubtful filing is withdrawn at the end of its episode and still looked for',
    [p1, sent, inDoubt],
    resolved(),
    'ticket.doubtful.looking',
    'withdraw 1',
    dm('resolved'),
  ),
  row(
    'a ticket found after the end of its episode gets a note',
    goneInDoubt,
    found(412),
    'ticket.none',
    'audit filed P1',
    'tell helpdesk SUCCEEDED',
    dm('ticket'),
    'run keepTicket note resolved',
  ),
  row(
    'a doubt that ends without a ticket after its episode is audited',
    goneInDoubt,
    notFound,
    'ticket.none',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
  ),
  row(
    'a look-up that fails after the end of its episode is audited',
    goneInDoubt,
    broke('settle'),
    'ticket.none',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
  ),
  row(
    'a new episode files once the doubt of the last one ended without a ticket',
    [...goneInDoubt, p1, sent],
    notFound,
    'ticket.filing',
    'withdraw 1',
    'audit skipped P1 resolved_before_filing',
    ...files(2),
  ),
  row(
    'a new episode waits for the end of the doubt',
    goneInDoubt,
    p1,
    'life.firing ticket.doubtful.looking',
    dm('opened'),
  ),
];

const stormed: Row[] = [
  row(
    'an alert beyond the storm limit joins the umbrella',
    [p1, sent],
    refused('storm'),
    'ticket.stormed',
    'audit skipped P1 storm',
    ...joins,
  ),
  row(
    'a resolved alert leaves the umbrella',
    [p1, sent, refused('storm')],
    resolved(),
    'ticket.none',
    'tell umbrella:s TICKET_LEFT',
    dm('resolved'),
  ),
  row(
    'an alert whose umbrella is suppressed by the flag is held back',
    [p1, sent, refused('storm')],
    unlisted('flag_off'),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'an alert whose umbrella was suppressed joins it again with the flag on',
    [p1, sent, refused('storm'), unlisted('flag_off')],
    p1,
    'ticket.stormed',
    'hold released P1',
    ...joins,
  ),
  row(
    'an alert whose umbrella ticket was rejected is rejected',
    [p1, sent, refused('storm')],
    unlisted('rejected'),
    'ticket.rejected',
    'audit skipped P1 rejected',
  ),
  row(
    'a late message of the umbrella changes nothing once there is a ticket',
    [p1, sent, filed(412), sent],
    unlisted('flag_off'),
    'ticket.ticketed',
  ),
  row('an alert on the umbrella ticket ignores the flag', [p1, sent, refused('storm'), off(p1)], p1, 'ticket.stormed'),
];

const named = 'tell alert:s:network DEPENDENT';
const holds: Row[] = [
  row(
    'a dependency whose failure is not confirmed holds the alert back',
    [],
    under(p1),
    'ticket.heldBack',
    ...holding,
    dm('opened'),
  ),
  row(
    'a confirmed outage that explains the alert is asked to name it',
    [],
    under(p1, 'network'),
    'ticket.heldBack',
    ...holding,
    named,
    dm('opened'),
  ),
  row(
    'an outage that is confirmed later is asked then, and nothing is audited twice',
    [under(p1), sent],
    under(p1, 'network'),
    'ticket.heldBack',
    'hold released P1',
    'hold dependency P1',
    named,
  ),
  row(
    'an outage is asked once to name the alert',
    [under(p1, 'network'), sent],
    under(p1, 'network'),
    'ticket.heldBack',
  ),
  row(
    'each of two outages is asked once to name the alert',
    [under(p1, 'network'), sent],
    under(p1, 'database', 'network'),
    'ticket.heldBack',
    'hold released P1',
    'hold dependency P1',
    'tell alert:s:database DEPENDENT',
  ),
  row(
    'an alert files at the first emission after its dependency recovered',
    [under(p1, 'network'), sent],
    p1,
    'ticket.filing',
    'hold released P1',
    ...files(1),
  ),
  row(
    'an alert that recovers with its dependency is never filed',
    [under(p1, 'network'), sent],
    resolved(),
    'ticket.none',
    'hold ended P1',
    dm('resolved'),
  ),
  row(
    'an outage is asked again in the next episode',
    [under(p1, 'network'), sent, resolved(), sent],
    under(p1, 'network'),
    'ticket.heldBack',
    ...holding,
    named,
    dm('opened'),
  ),
  row(
    'each of two suppressions that follow each other is audited',
    [off(p1), sent],
    under(p1),
    'ticket.heldBack',
    'hold released P1',
    ...holding,
  ),
  row(
    'a P3 below an outage is audited as below the threshold',
    [],
    under(p3),
    'ticket.belowThreshold',
    'audit skipped P3 below_threshold',
    dm('opened'),
  ),
  ...(['offline', 'maintenance', 'dependency'] as const).flatMap((reason) => [
    row(
      `a filing refused for ${reason} right before the POST is held back`,
      [p1, sent],
      refused(reason),
      'ticket.heldBack',
      `audit skipped P1 ${reason}`,
      `hold ${reason} P1`,
    ),
    row(
      `an alert held back for ${reason} files at the next emission without it`,
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
    'an alert that becomes suppressed while it waits is held back at its turn',
    [p1, sent, failed(), under(p1, 'network'), tries(true)],
    refused('dependency'),
    'ticket.heldBack',
    ...holding,
    named,
  ),
];

const above: Row[] = [
  row(
    'an alert that this outage explains is named on its ticket',
    [p1, sent, filed(412), sent],
    dependent('x'),
    'upkeep.working',
    'run keepTicket note dependents',
  ),
  row(
    'a dependent is named once in each of its episodes',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x'),
    'upkeep.idle',
  ),
  row(
    'a dependent is named again in its next episode',
    [p1, sent, filed(412), sent, dependent('x'), done('chore', { outcome: 'done' })],
    dependent('x', 2),
    'upkeep.working',
    'run keepTicket note dependents',
  ),
  row(
    'a dependent that came during the filing is named once there is a ticket',
    [p1, sent, dependent('x')],
    filed(412),
    'ticket.ticketed',
    'audit filed P1',
    dm('ticket'),
    'run keepTicket note dependents',
  ),
  row(
    'a dependent that comes after the end of the outage is not named',
    [p1, sent, filed(412), sent, resolved(), sent],
    dependent('x'),
    'upkeep.working',
  ),
];

const messages: Row[] = [
  row('messages are sent one after the other', [off(p3), off(p1)], sent, 'dm.sending', dm('escalated')),
  row('nothing is sent once no message is left', [off(p3)], sent, 'dm.idle'),
  row(
    'a message beyond the storm limit is left to the grouped message',
    [off(p1)],
    done('dm', { outcome: 'grouped' }),
    'dm.idle',
    'tell umbrella:s DM_MEMBER',
  ),
  row(
    'a message that cannot be sent does not stop the next one',
    [off(p3), off(p1)],
    broke('dm'),
    'dm.sending',
    dm('escalated'),
  ),
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
    'a note that was written is done',
    [...haveTicket, resolved(), sent],
    done('chore', { outcome: 'done' }),
    'upkeep.idle',
  ),
  row(
    'a ticket update that cannot be done does not stop the next one',
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
    'a late ticket becomes the ticket of an active alert that has none',
    lost,
    turnsUp(1),
    'life.firing ticket.ticketed',
    'tell helpdesk LEFT',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'a late ticket releases an alert that is held back',
    [p1, sent, refused('flag_off')],
    turnsUp(1),
    'ticket.ticketed',
    'hold released P1',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'a late ticket withdraws a filing that waits',
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
    'a late ticket does not stop a filing under way',
    [...lost, replayed(1)],
    turnsUp(1),
    'ticket.filing',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'a late ticket does not stop a filing in doubt',
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
      `a filing that ${how} after a late ticket is withdrawn`,
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
      `a doubt that ${how} after a late ticket is withdrawn`,
      [...lost, replayed(1), inDoubt, turnsUp(1), sent],
      end,
      'ticket.ticketed',
      'withdraw 2',
      'tell helpdesk LEFT',
    ),
  ),
  row(
    'a late ticket of an earlier episode leaves the filing of this one alone',
    [...gone, refused('withdrawn'), p1, sent, turnsUp(1)],
    failed(),
    'ticket.waiting',
    'tell helpdesk FAILED unavailable',
    'audit skipped P1 freescout_unavailable',
  ),
  row(
    'a late ticket of an ended episode is tagged and linked in a message',
    [...gone, refused('withdrawn')],
    turnsUp(1),
    'life.resolved ticket.none',
    ...adopts(1),
    dm('ticket'),
    tags,
  ),
  row(
    'a late ticket of an earlier episode does not release an alert that is held back',
    [...gone, refused('withdrawn'), off(p1), sent],
    turnsUp(1),
    'ticket.heldBack',
    ...adopts(1),
    tags,
  ),
  row(
    'a second ticket of an episode is tagged, and no message links it',
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
    'an active alert without a decision is decided when it is reconsidered',
    [off(p1), sent, undecided],
    reconsider,
    'ticket.filing',
    'audit alert_reconsidered P1',
    ...files(1),
  ),
  row('a resolved alert is not reconsidered', [p3, sent, resolved(), sent], reconsider, 'ticket.none'),
  row('an alert with a decision is not reconsidered', lost, reconsider, 'ticket.rejected'),
];

const unstable = { type: 'IDS_UNSTABLE', alertIds: ['aaaaaaaaaaaaaaaa1', 'aaaaaaaaaaaaaaaa2'] };
const unstableIds: Row[] = [
  row(
    'unstable ids are audited and noted on the ticket',
    [p1, sent, filed(412), sent],
    unstable,
    'life.firing upkeep.working',
    'audit unstable_ids',
    'run keepTicket note unstable',
  ),
  row(
    'unstable ids of an alert without a ticket are only audited',
    [p3, sent],
    unstable,
    'upkeep.idle',
    'audit unstable_ids',
  ),
  row('unstable ids that are known already change nothing', [p3, sent, unstable], unstable, 'life.firing'),
  row('unstable ids of a resolved alert change nothing', [p3, sent, resolved(), sent], unstable, 'life.resolved'),
];

const tables = {
  ...{ life, decisions, filing, waiting, doubtful, stormed, holds, above, messages, upkeep },
  ...{ foundLate, reconsidered, unstableIds },
};
table(alertMachine, F, tables, ['ticket.deciding']);

it('a hundred dependents are named in two notes', () => {
  const actor = alert();
  actor.take(p1, sent, filed(412), sent);
  for (let n = 0; n < 100; n++) actor.take(dependent(`x${n}`));
  const notes = actor.context.chores.flatMap((chore) => (chore.kind === 'note' ? [chore.about] : []));
  expect(notes.map((about) => ('members' in about ? about.members.length : 0))).toEqual([1, 99]);
});

it('an emission of a release that had no other suppression is held back by the flag only', () => {
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
    ['held back by the flag', [off(p1), sent], off(p1)],
    ['being filed', [p1], p1],
    ['waiting for the help desk', [p1, failed()], p1],
    ['in doubt', [p1, inDoubt], p1],
    ['held back by a dependency', [under(p1, 'network'), sent], under(p1, 'network')],
    ['on the umbrella ticket', [p1, refused('storm')], p1],
    ['rejected', [p1, rejected], p1],
    ['ticketed', haveTicket, p1],
    ['flapping', flapping, off(p3)],
    ['firing under two ids', [off(p1), other(off(p1))], off(p1)],
  ] as [string, Happening[], EmittedEvent][])('a repeat changes nothing while the alert is %s', (_, from, again) => {
    const actor = alert();
    actor.take(...from);
    const before = actor.stored();
    expect(actor.take(wait(seconds(30)), again)).toEqual({ says: [], moved: false, asks: [] });
    expect(actor.stored()).toBe(before);
  });
});

describe('what is written down', () => {
  it('the audit row of a ticket has exactly four fields', () => {
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

  it('the audit row of a decision not to file has exactly three fields', () => {
    const { says } = alert().take(p3);
    expect(said(says, 'audit')).toEqual([
      {
        action: 'console.alerts.ticket_skipped',
        payload: { alert_key: KEY, severity: 'P3', reason: 'below_threshold' },
        actor: 's',
      },
    ]);
  });

  it('the audit row of a key collision names both ids', () => {
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

  it('the message after the filing has the link of the ticket', () => {
    const actor = alert();
    actor.take(p1, sent, filed(412));
    expect(actor.context.dms).toMatchObject([{ kind: 'ticket', body: { ticket: ticket(412) } }]);
  });

  it('the note on a ticket that was found late says when its own episode ended', () => {
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
  it('an episode that resumes keeps its ticket', () => {
    const actor = alert();
    for (let n = 0; n < 5; n++) actor.take(p1, filed(n), resolved(), wait(seconds(30)));
    expect(actor.take(p1).asks).toEqual([]);
    expect(actor.value).toMatchObject({ life: 'firing', ticket: 'ticketed' });
    expect(actor.context).toMatchObject({ episode: 5, flapping: true, ticket: ticket(4) });
  });

  it.each([
    ['rejected', rejected, []],
    ['stormed', refused('storm'), joins],
  ] as [string, Happening, string[]][])('an episode that was %s and resumes is not filed', (state, result, asks) => {
    const actor = alert();
    for (let n = 0; n < 5; n++) actor.take(p1, result, resolved(), wait(seconds(30)));
    expect(actor.take(p1).asks).toEqual(asks);
    expect(actor.value).toMatchObject({ life: 'firing', ticket: state });
  });

  it('an episode that resumes while its filing is withdrawn keeps a ticket that was created', () => {
    const actor = alert();
    for (let n = 0; n < 4; n++) actor.take(p3, resolved(), wait(seconds(30)));
    actor.take(p1, resolved(), p1, filed(412));
    expect(actor.value).toMatchObject({ life: 'firing', ticket: 'ticketed' });
    expect(actor.context).toMatchObject({ ticket: ticket(412), chores: [] });
  });

  it('an episode that resumes while its filing is withdrawn files again where no ticket was created', () => {
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

  it('the subject and body of a replay are used for its ticket, and for no later episode', () => {
    const actor = alert();
    actor.take(p1, sent, rejected);
    expect(intents(actor, replayed(1, words))).toMatchObject([{ words }]);
    actor.take(rejected, resolved(), sent);
    expect(intents(actor, p1)).not.toMatchObject([{ words }]);
  });

  it('the subject and body of a replay go to the umbrella that was rejected', () => {
    const actor = alert();
    actor.take(p1, sent, refused('storm'), { ...unlisted('rejected'), filingId: 'umbrella:s:1' } as Happening);
    const { says } = actor.take({ type: 'REPLAYED', filingId: 'umbrella:s:1', words } as Happening);
    expect(said(says, 'tell')).toMatchObject([
      { to: 'umbrella:s', event: { type: 'TICKET_MEMBER', words } },
      { to: 'umbrella:s', event: { type: 'DM_MEMBER' } },
    ]);
  });
});

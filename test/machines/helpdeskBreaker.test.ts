import { describe, expect, it } from 'vitest';
import { type HelpdeskBreakerContext, helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { type ActorInput, broke, done, minutes, play, seconds, together, wait } from './support/driver.ts';
import { type Row, row, table } from './support/transitionTable.ts';

const helpdesk = () => play<HelpdeskBreakerContext>(helpdeskBreakerMachine, 'helpdesk');
const fails = (who: string | null, problem = 'unavailable'): ActorInput =>
  ({ type: 'FAILED', who, problem }) as ActorInput;
const held = (who: string): ActorInput => fails(who, 'held');
const refusedOf = (who: string, problem = 'rejected'): ActorInput =>
  ({ type: 'FAILED', who, problem, refused: who }) as ActorInput;
const doubtOf = (who: string): ActorInput =>
  ({ type: 'FAILED', who: null, problem: 'rejected', refused: who }) as ActorInput;
/** A gateway answers that the help desk broke off; the ticket is in doubt. */
const brokeOff = (who: string): ActorInput =>
  ({ type: 'FAILED', who: null, problem: 'unavailable', refused: who, own: true }) as ActorInput;
const filedBy = (by: string): ActorInput => ({ type: 'SUCCEEDED', by }) as ActorInput;
/** It ended with a ticket that was open already. */
const readBy = (by: string): ActorInput => ({ type: 'SUCCEEDED', by, read: true }) as ActorInput;
const leaves = (who: string): ActorInput => ({ type: 'LEFT', who }) as ActorInput;
const works: ActorInput = { type: 'SUCCEEDED' };
const sent = done('dm', { outcome: 'sent' });
const pause = wait(seconds(30));
/** `n` turns, each of them in vain. */
const inVain = (n: number): ActorInput[] => Array.from({ length: n }, () => [pause, fails('a')]).flat();
/** Failing for so long that a person is told, and has been. */
const halfAnHour = [fails('a'), ...inVain(60)];
const longFailing = [...halfAnHour, sent];
/** Ticket x is refused, and then another one is filed. */
const oneRefused = [refusedOf('x'), filedBy('a')];
const refusedAgain = [pause, refusedOf('x'), filedBy('a')];
/** Ticket x was refused again and again for more than two minutes, each time with others filed after it. */
const poisonous = [...oneRefused, refusedOf('x'), ...Array.from({ length: 4 }, () => refusedAgain).flat()];
/** The same with other answers. */
const answeredWith = (problem: string): ActorInput[] =>
  Array.from({ length: 7 }, () => [refusedOf('x', problem), filedBy('a'), pause]).flat();
const checked = (works: boolean): ActorInput => done('check', { works });
const nobodyLeft = [fails('a'), leaves('a'), pause, pause];
/** Two tickets were rejected, and nobody waits any more. */
const bothRejected = [refusedOf('x'), refusedOf('y'), leaves('x'), leaves('y'), pause, pause];
const tried = (...whom: string[]): string[] => whom.map((who) => `tell ${who} TRY probe`);
const released = (...whom: string[]): string[] => whom.map((who) => `tell ${who} TRY`);

table(helpdeskBreakerMachine, 'helpdesk', {
  working: [
    row('a failure opens the breaker', [], fails('a'), 'failing.tries.pausing failing.news.quiet'),
    row('a failure for which no filing waits opens the breaker', [], fails(null), 'failing.tries.pausing'),
    row(
      'a filing that made no call goes on at once while the breaker is closed',
      [],
      held('a'),
      'working',
      ...released('a'),
    ),
    row('a success changes nothing while the breaker is closed', [], works, 'working'),
    row('a filing that leaves changes nothing while the breaker is closed', [], leaves('a'), 'working'),
  ],
  tries: [
    row('no filing tries before 30 s have passed', [fails('a')], wait(seconds(30) - 1), 'failing.tries.pausing'),
    row('the first filing tries after 30 s', [fails('a'), fails('b')], pause, 'failing.tries.pausing', ...tried('a')),
    row(
      'the next filing tries 30 s later',
      [fails('a'), fails('b'), pause],
      pause,
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row(
      'a filing that failed again gets another turn',
      [fails('a'), pause, fails('a')],
      pause,
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row(
      'a filing that made no call joins the queue',
      [fails('a'), held('b'), pause],
      pause,
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row(
      'a filing that reports twice gets one turn',
      [fails('a'), held('a'), fails('b'), pause],
      pause,
      '',
      ...tried('b'),
    ),
    row('a filing that left gets no turn', [fails('a'), fails('b'), leaves('a')], pause, '', ...tried('b')),
    row(
      'a filing that leaves at its turn passes it on at once',
      [fails('a'), fails('b'), pause],
      leaves('a'),
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row(
      'after a turn that was passed on 30 s pass as after any other',
      [fails('a'), fails('b'), fails('c'), pause, wait(seconds(20)), leaves('a')],
      wait(seconds(30) - 1),
      'failing.tries.pausing',
    ),
    row('a filing that leaves when no other waits passes no turn on', [fails('a'), pause], leaves('a'), ''),
    row('a filing that leaves before its turn passes none on', [fails('a'), fails('b'), pause], leaves('b'), ''),
    row(
      'a filing that tried and did not report back loses its place',
      [fails('a'), pause],
      pause,
      'failing.tries.free',
    ),
    row(
      'a filing that lost its place gets a turn when it fails later',
      [fails('a'), pause, pause],
      fails('a'),
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row('a failure for which no filing waits gives no turn', [fails(null)], pause, 'failing.tries.free'),
    row(
      'the next filing that fails gets a free turn at once',
      [fails(null), pause],
      held('b'),
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row('30 s pass after a free turn was taken', [fails(null), pause, held('b'), fails('b')], pause, '', ...tried('b')),
    row(
      'another failure for which no filing waits leaves the turn free',
      [fails(null), pause],
      fails(null),
      'failing.tries.free',
    ),
    row(
      'a ticket in doubt is waited for ten minutes before the failure is forgotten',
      [doubtOf('a'), pause],
      wait(minutes(9)),
      'failing.tries.free',
    ),
  ],
  checks: [
    row(
      'a read shows whether the help desk works where no filing waits',
      [fails('a'), leaves('a'), pause],
      pause,
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row('a read that succeeds closes the breaker', nobodyLeft, checked(true), 'working'),
    row('a read that fails is repeated', nobodyLeft, checked(false), 'failing.tries.free'),
    row('a read that breaks is repeated', nobodyLeft, broke('check'), 'failing.tries.free'),
    row(
      'a read is repeated every 30 s for as long as it fails',
      [...nobodyLeft, checked(false)],
      pause,
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row('a filing that waits meanwhile tries at once', nobodyLeft, held('b'), 'failing.tries.pausing', ...tried('b')),
    row(
      'a long outage for which no filing waits any more ends with a message',
      [...longFailing, leaves('a'), pause, pause],
      checked(true),
      'back',
      'run sendDm desk_back',
    ),
    row(
      'a read decides after a single ticket was rejected',
      [refusedOf('x'), leaves('x'), pause],
      pause,
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row('no read ends a failure in which different tickets were rejected', bothRejected, pause, 'failing.tries.free'),
    row(
      'a read decides an hour after the last ticket was rejected',
      [...bothRejected, wait(minutes(58))],
      wait(minutes(3)),
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row('a ticket that a click found open does not end it either', bothRejected, readBy('z'), 'failing.tries.free'),
    row('a ticket that is filed ends it', bothRejected, filedBy('z'), 'working'),
    row(
      'tickets that were rejected more than an hour apart say nothing about the help desk',
      [refusedOf('x'), leaves('x'), wait(minutes(61)), refusedOf('y'), leaves('y'), pause],
      pause,
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row(
      'a read decides after a gateway answered in place of the help desk, whatever the number of tickets',
      [brokeOff('x'), brokeOff('y'), leaves('x'), leaves('y'), pause],
      pause,
      'failing.tries.checking',
      'run checkHelpdesk ',
    ),
    row('no read ends a failure while a ticket is in doubt', [doubtOf('a'), pause], pause, 'failing.tries.free'),
    row(
      'a ticket in doubt that is not reported again is forgotten after ten minutes',
      [doubtOf('a'), pause, wait(minutes(10))],
      pause,
      'failing.tries.checking',
    ),
  ],
  refusals: [
    row('a refused ticket opens the breaker', [], refusedOf('x'), 'failing.tries.asking'),
    row(
      'the next filing tries at once where one ticket was refused',
      [refusedOf('x')],
      held('a'),
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row('a ticket at which the help desk broke off opens the breaker', [], brokeOff('x'), 'failing.tries.asking'),
    row(
      'the next filing tries at once where the help desk broke off at one ticket',
      [brokeOff('x')],
      held('a'),
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row('a refused ticket is tried again after 30 s', [refusedOf('x')], pause, 'failing.tries.pausing', ...tried('x')),
    row('a refused ticket that is in doubt gets no turn', [doubtOf('x')], pause, 'failing.tries.free'),
    row(
      'another ticket that is refused as well is an outage',
      [refusedOf('x'), held('a')],
      refusedOf('a'),
      'failing.tries.pausing',
    ),
    row(
      'the ticket that was refused least often tries first',
      [refusedOf('x'), pause, refusedOf('x'), fails('a')],
      pause,
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row(
      'a success of another filing releases the refused ones too',
      [refusedOf('x')],
      filedBy('a'),
      'refusingSome',
      ...released('x'),
    ),
    row(
      'a ticket that was read proves nothing while all that are created are refused',
      [refusedOf('x'), held('a')],
      readBy('a'),
      'failing.tries.pausing',
    ),
    row(
      'a ticket that was read ends an outage without refusals',
      [fails('a'), held('b')],
      readBy('a'),
      'working',
      ...released('b'),
    ),
    row(
      'a ticket that was read counts against no refused one',
      [...oneRefused, refusedOf('x')],
      readBy('b'),
      'refusingSome',
    ),
    row(
      'a ticket that was read while a message tells of the end counts against no refused one',
      [...halfAnHour, sent, refusedOf('x'), filedBy('a')],
      readBy('b'),
      'back',
    ),
    row('a success of the refused filing itself closes the breaker', [refusedOf('x')], filedBy('x'), 'working'),
    row('a ticket that is refused while others are filed opens no breaker', oneRefused, refusedOf('x'), 'refusingSome'),
    row(
      'an error in place of a refusal opens no breaker either',
      oneRefused,
      refusedOf('x', 'unavailable'),
      'refusingSome',
    ),
    row('a refused ticket in doubt opens no breaker', oneRefused, doubtOf('x'), 'refusingSome'),
    row(
      'a ticket refused while others are filed is tried again after 30 s',
      [...oneRefused, refusedOf('x')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'a refused ticket whose doubt is over is tried again with the next ones',
      [...oneRefused, doubtOf('x'), held('x')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'a filing that made no call goes on at once beside refused ones',
      oneRefused,
      held('b'),
      'refusingSome',
      ...released('b'),
    ),
    row('a new ticket that is refused opens the breaker', oneRefused, refusedOf('b'), 'failing.tries.asking'),
    row('a failure of the help desk opens the breaker', oneRefused, fails('b'), 'failing.tries.pausing'),
    row(
      'a ticket that is refused three times without a success of another opens the breaker',
      [...oneRefused, refusedOf('x'), pause, refusedOf('x'), pause, refusedOf('x'), pause],
      refusedOf('x'),
      'failing.tries.asking',
    ),
    row(
      'a refused ticket that is filed at last is forgotten',
      [...oneRefused, refusedOf('x')],
      filedBy('x'),
      'working',
    ),
    row(
      'a refused ticket that is not needed any more is forgotten',
      [...oneRefused, refusedOf('x')],
      leaves('x'),
      'working',
    ),
    row('a refused ticket that was lost is forgotten', oneRefused, wait(minutes(11)), 'working'),
    row(
      'a ticket that was refused again and again while others were filed gets a last try',
      [...poisonous, pause, refusedOf('x'), filedBy('b')],
      pause,
      'refusingSome',
      'tell x TRY last',
    ),
    row(
      'a ticket that is forbidden again and again while others are filed gets a last try',
      [...answeredWith('forbidden'), refusedOf('x', 'forbidden'), filedBy('b')],
      pause,
      'refusingSome',
      'tell x TRY last',
    ),
    row(
      'a ticket at which the help desk breaks off again and again while others are filed gets a last try',
      [
        ...Array.from({ length: 6 }, () => [brokeOff('x'), held('x'), filedBy('a'), pause]).flat(),
        ...[brokeOff('x'), held('x'), filedBy('b')],
      ],
      pause,
      'refusingSome',
      'tell x TRY last',
    ),
    row(
      'no ticket gets a last try for answers that are not about it, such as 429',
      [...answeredWith('unavailable'), refusedOf('x', 'unavailable'), filedBy('b')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'one refusal of a ticket after many answers that are not about it gives it no last try',
      [...answeredWith('unauthorized'), refusedOf('x'), filedBy('b')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'an answer that is not about the ticket does not take back its last try',
      [...poisonous, pause, refusedOf('x'), filedBy('b'), pause, refusedOf('x', 'unavailable')],
      pause,
      'refusingSome',
      'tell x TRY last',
    ),
    row(
      'no ticket gets a last try while the breaker is open',
      [...poisonous, pause, refusedOf('x'), filedBy('b'), fails('c'), leaves('c')],
      pause,
      'failing.tries.pausing',
      ...tried('x'),
    ),
    row(
      'no ticket gets a last try before two minutes have passed',
      [...oneRefused, ...refusedAgain, ...refusedAgain, refusedOf('x'), filedBy('b')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'no ticket gets a last try without a success since its last refusal',
      [...poisonous, pause, refusedOf('x')],
      pause,
      'refusingSome',
      ...released('x'),
    ),
    row(
      'a long outage that ends with a refused ticket is reported and goes on beside it',
      [...longFailing, refusedOf('x'), filedBy('b'), refusedOf('x'), held('x'), held('c'), filedBy('c')],
      sent,
      'refusingSome',
    ),
    row(
      'a message that cannot be sent leaves the refused ticket waiting',
      [...longFailing, refusedOf('x'), filedBy('b'), refusedOf('x')],
      broke('dm'),
      'refusingSome',
    ),
    row(
      'a refused ticket that is not needed any more leaves the end of the outage as it is',
      [...longFailing, refusedOf('x'), filedBy('b'), leaves('x')],
      sent,
      'working',
    ),
  ],
  release: [
    row('a success releases all waiting filings', [fails('a'), fails('b')], works, 'working', ...released('a', 'b')),
    row(
      'a success also releases the filing whose turn it is',
      [fails('a'), fails('b'), pause],
      works,
      'working',
      ...released('b', 'a'),
    ),
    row(
      'a success does not release a filing that left',
      [fails('a'), fails('b'), leaves('a')],
      works,
      'working',
      ...released('b'),
    ),
    row('no filing tries after a success', [fails('a'), works], wait(minutes(60)), 'working'),
  ],
  news: [
    row(
      'no message is sent before 30 minutes',
      [fails('a'), ...inVain(59)],
      wait(seconds(30) - 1),
      'failing.news.quiet',
    ),
    row(
      'a message is sent after 30 minutes',
      [fails('a'), ...inVain(59)],
      pause,
      'failing.news.telling',
      'run sendDm desk_failing',
      ...tried('a'),
    ),
    row('the message is sent once', halfAnHour, sent, 'failing.news.told'),
    row(
      'no second message is sent however long the failure lasts',
      [...longFailing, ...inVain(60)],
      pause,
      'failing.news.told',
      ...tried('a'),
    ),
    row(
      'the tries go on where the message cannot be sent',
      halfAnHour,
      broke('dm'),
      'failing.tries.pausing failing.news.told',
    ),
    row(
      'a message reports that FreeScout works again',
      longFailing,
      works,
      'back',
      ...released('a'),
      'run sendDm desk_back',
    ),
    row(
      'a message reports that FreeScout works again even while the first message is being sent',
      halfAnHour,
      works,
      'back',
      ...released('a'),
      'run sendDm desk_back',
    ),
    row('the breaker is closed once the message was sent', [...longFailing, works], sent, 'working'),
    row('the breaker is closed even where the message cannot be sent', [...longFailing, works], broke('dm'), 'working'),
    row('a short failure sends no message', [fails('a')], works, 'working', ...released('a')),
    row(
      'failing again before the message was sent continues the same failure',
      [...longFailing, works],
      fails('a'),
      'failing.news.told',
    ),
    row(
      'the end of a failure that was continued is reported',
      [...longFailing, works, fails('a')],
      works,
      'back',
      ...released('a'),
      'run sendDm desk_back',
    ),
    row(
      'a filing that made no call goes on at once while the message is being sent',
      [...longFailing, works],
      held('b'),
      'back',
      ...released('b'),
    ),
    row('the next failure is a new one', [...longFailing, works, sent, fails(null)], works, 'working'),
  ],
} satisfies Record<string, Row[]>);

describe('the direct messages about FreeScout', () => {
  it('the message about a failure has the start, the problem and the number of waiting filings, with the one that tries', () => {
    const actor = helpdesk();
    actor.take(fails('a', 'unauthorized'), held('b'));
    for (let n = 0; n < 59; n++) {
      actor.take(pause, fails(n % 2 ? 'b' : 'a', 'unauthorized'), held('c'));
    }
    actor.take(pause);
    const { body, kind } = actor.input<DmRequest>('dm');
    expect({ kind, ...body }).toEqual({
      kind: 'desk_failing',
      since: '2026-05-05T14:00:00.000Z',
      problem: 'unauthorized',
      waiting: 3,
    });
  });

  it('each message about FreeScout has an id of its own', () => {
    const actor = helpdesk();
    const ids = [halfAnHour, [sent, works], [sent, ...halfAnHour]].map((inputs) => {
      actor.take(...inputs);
      return actor.input<DmRequest>('dm').id;
    });
    expect(ids).toEqual(['dm:helpdesk:1', 'dm:helpdesk:2', 'dm:helpdesk:3']);
  });
});

it('a closed breaker keeps nothing of the last failure', () => {
  const actor = helpdesk();
  actor.take(...longFailing, works, sent);
  expect(actor.context).toMatchObject({ failingSince: null, problem: null, waiting: [], trying: null, told: false });
});

it('a repeated report of a waiting filing changes nothing', () => {
  const actor = helpdesk();
  actor.take(fails('a'));
  expect(actor.take(wait(seconds(1)), held('a'))).toMatchObject({ moved: false, asks: [] });
});

it('of thousands of waiting filings a thousand are kept, and the others go on once the help desk works', () => {
  const actor = helpdesk();
  actor.take(together(...Array.from({ length: 3_000 }, (_, n) => fails(`f${n}`))));
  expect(actor.context.waiting).toHaveLength(1_000);
  expect(actor.take(works).asks).toHaveLength(1_000);
  expect(actor.take(held('f2999')).asks).toEqual(released('f2999'));
});

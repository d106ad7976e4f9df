import { describe, expect, it } from 'vitest';
import { type HelpdeskBreakerContext, helpdeskBreakerMachine } from '../../machines/helpdeskBreaker.ts';
import type { DmRequest } from '../../machines/shared/protocol.ts';
import { broke, done, type Happening, minutes, play, seconds, wait } from './drive.ts';
import { type Row, row, table } from './table.ts';

const helpdesk = () => play<HelpdeskBreakerContext>(helpdeskBreakerMachine, 'helpdesk');
const fails = (who: string | null, problem = 'unavailable'): Happening =>
  ({ type: 'FAILED', who, problem }) as Happening;
const held = (who: string): Happening => fails(who, 'held');
const leaves = (who: string): Happening => ({ type: 'LEFT', who }) as Happening;
const works: Happening = { type: 'SUCCEEDED' };
const sent = done('dm', { outcome: 'sent' });
const pause = wait(seconds(30));
/** `n` turns, each of them in vain. */
const inVain = (n: number): Happening[] => Array.from({ length: n }, () => [pause, fails('a')]).flat();
/** Failing for so long that a person is told, and has been. */
const halfAnHour = [fails('a'), ...inVain(60)];
const longFailing = [...halfAnHour, sent];
const tried = (...whom: string[]): string[] => whom.map((who) => `tell ${who} TRY probe`);
const released = (...whom: string[]): string[] => whom.map((who) => `tell ${who} TRY`);

table(helpdeskBreakerMachine, 'helpdesk', {
  working: [
    row('a failure begins an outage', [], fails('a'), 'failing.tries.pausing failing.news.quiet'),
    row('so does one that nobody waits for', [], fails(null), 'failing.tries.pausing'),
    row('who was held back in vain may go on at once', [], held('a'), 'working', ...released('a')),
    row('a success is nothing new', [], works, 'working'),
    row('nor is a leaving', [], leaves('a'), 'working'),
  ],
  tries: [
    row('nobody tries before 30 s have passed', [fails('a')], wait(seconds(30) - 1), 'failing.tries.pausing'),
    row('then the first does', [fails('a'), fails('b')], pause, 'failing.tries.pausing', ...tried('a')),
    row('and 30 s later the next', [fails('a'), fails('b'), pause], pause, 'failing.tries.pausing', ...tried('b')),
    row(
      'who failed again has its turn again',
      [fails('a'), pause, fails('a')],
      pause,
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row(
      'who is held back joins the queue',
      [fails('a'), held('b'), pause],
      pause,
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row('who says so twice has one turn', [fails('a'), held('a'), fails('b'), pause], pause, '', ...tried('b')),
    row('who left has none', [fails('a'), fails('b'), leaves('a')], pause, '', ...tried('b')),
    row('who tried and was not heard of loses its place', [fails('a'), pause], pause, 'failing.tries.free'),
    row(
      'and gets a new one when it fails at last',
      [fails('a'), pause, pause],
      fails('a'),
      'failing.tries.pausing',
      ...tried('a'),
    ),
    row('a failure that nobody waits for gives no turn', [fails(null)], pause, 'failing.tries.free'),
    row(
      'when the turn is free the next to fail has it',
      [fails(null), pause],
      held('b'),
      'failing.tries.pausing',
      ...tried('b'),
    ),
    row('after which 30 s pass again', [fails(null), pause, held('b'), fails('b')], pause, '', ...tried('b')),
    row(
      'one more failure that nobody waits for leaves it free',
      [fails(null), pause],
      fails(null),
      'failing.tries.free',
    ),
    row('a failure not heard of for ten minutes is forgotten', [fails(null), pause], wait(minutes(10)), 'working'),
    row(
      'but not while it goes on',
      [fails(null), pause, wait(minutes(9)), fails(null)],
      wait(minutes(9)),
      'failing.tries.free',
    ),
    row(
      'nor once a person was told of it',
      [...longFailing, leaves('a'), pause],
      wait(minutes(60)),
      'failing.tries.free',
    ),
  ],
  release: [
    row('a success releases all who wait', [fails('a'), fails('b')], works, 'working', ...released('a', 'b')),
    row('and also who has its turn', [fails('a'), fails('b'), pause], works, 'working', ...released('b', 'a')),
    row('but not who left', [fails('a'), fails('b'), leaves('a')], works, 'working', ...released('b')),
    row('afterwards nobody tries any more', [fails('a'), works], wait(minutes(60)), 'working'),
  ],
  news: [
    row('nobody is told before 30 minutes', [fails('a'), ...inVain(59)], wait(seconds(30) - 1), 'failing.news.quiet'),
    row(
      'then a person is',
      [fails('a'), ...inVain(59)],
      pause,
      'failing.news.telling',
      'run sendDm desk_failing',
      ...tried('a'),
    ),
    row('who has heard it', halfAnHour, sent, 'failing.news.told'),
    row('and does not hear it again', [...longFailing, ...inVain(60)], pause, 'failing.news.told', ...tried('a')),
    row('where it cannot be told, the tries go on', halfAnHour, broke('dm'), 'failing.tries.pausing failing.news.told'),
    row('that it works again is told, too', longFailing, works, 'back', ...released('a'), 'run sendDm desk_back'),
    row(
      'even while the first message is still on its way',
      halfAnHour,
      works,
      'back',
      ...released('a'),
      'run sendDm desk_back',
    ),
    row('told once', [...longFailing, works], sent, 'working'),
    row('where it cannot be told, that is that', [...longFailing, works], broke('dm'), 'working'),
    row('a short failure is not spoken of', [fails('a')], works, 'working', ...released('a')),
    row(
      'failing again before the good news went out: not told anew',
      [...longFailing, works],
      fails('a'),
      'failing.news.told',
    ),
    row(
      'but the end of it is',
      [...longFailing, works, fails('a')],
      works,
      'back',
      ...released('a'),
      'run sendDm desk_back',
    ),
    row('held back in vain while the good news goes out', [...longFailing, works], held('b'), 'back', ...released('b')),
    row('the next long failure is told', [...longFailing, works, sent, fails(null)], works, 'working'),
  ],
} satisfies Record<string, Row[]>);

describe('what a person hears', () => {
  it('since when it fails, why, and how many wait, the one that tries among them', () => {
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

  it('each message has an id of its own', () => {
    const actor = helpdesk();
    const ids = [halfAnHour, [sent, works], [sent, ...halfAnHour]].map((happenings) => {
      actor.take(...happenings);
      return actor.input<DmRequest>('dm').id;
    });
    expect(ids).toEqual(['dm:helpdesk:1', 'dm:helpdesk:2', 'dm:helpdesk:3']);
  });
});

it('while it works it remembers nothing of its last failure', () => {
  const actor = helpdesk();
  actor.take(...longFailing, works, sent);
  expect(actor.context).toMatchObject({ failingSince: null, problem: null, waiting: [], trying: null, told: false });
});

it('a repeated failure of who waits already changes nothing', () => {
  const actor = helpdesk();
  actor.take(fails('a'));
  expect(actor.take(wait(seconds(1)), held('a'))).toMatchObject({ moved: false, asks: [] });
});

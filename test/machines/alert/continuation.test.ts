import { describe, expect, it } from 'vitest';
import type { AlertContext } from '../../../machines/alert/types.ts';
import type { AlertRequest, FilingIntent } from '../../../machines/shared/protocol.ts';
import { type ActorInput, done, minutes, paramsOf, wait } from '../support/driver.ts';
import { emitted, failed, filed, inDoubt, resolved, ticket } from '../support/events.ts';
import { type WalkedSystem, walkRandomly } from '../support/randomWalk.ts';
import { alert, KEY, p1, p3, sent, ticketed } from './alertEvents.ts';

const again = (reopenWithinMinutes: number, more = {}) =>
  emitted({ reopenWithinMs: minutes(reopenWithinMinutes), ...more });

/** The ticket that the filings of these inputs are to continue, one entry for each filing. */
function continuedBy(...inputs: ActorInput[]) {
  const intents = paramsOf<FilingIntent>(alert().take(...inputs).actions, 'intend');
  return intents.map(({ request }) => (request as AlertRequest).continues?.id ?? null);
}

const over = [...ticketed, resolved(), sent];

describe('which ticket an episode continues', () => {
  it.each<[what: string, inputs: ActorInput[], continued: (number | null)[]]>([
    ['none where the window is left out', [...over, p1], [null, null]],
    ['none where the window is 0', [...over, again(0)], [null, null]],
    ['that of the last episode within the window', [...over, wait(minutes(4)), again(5)], [null, 412]],
    [
      'none where the window is 0, although the clock was set back',
      [...over, wait(minutes(-60)), again(0)],
      [null, null],
    ],
    ['none once the window has passed', [...over, wait(minutes(5)), again(5)], [null, null]],
    [
      'the window counts from the end of the last episode, not from its beginning',
      [...ticketed, wait(minutes(600)), resolved(), sent, wait(minutes(4)), again(5)],
      [null, 412],
    ],
    [
      'that of the episode before the last one, which was too mild for a ticket',
      [...over, again(5, { severity: 'P3' }), sent, resolved(), sent, again(5)],
      [null, 412],
    ],
    [
      'none after a mild episode that began too late',
      [...over, wait(minutes(6)), again(5, { severity: 'P3' }), sent, resolved(), sent, again(5)],
      [null, null],
    ],
    [
      'the new one where the earlier one had been closed',
      [...over, again(5), sent, filed(413), sent, resolved(), sent, again(5)],
      [null, 412, 413],
    ],
    [
      'one that was found only after the next episode had begun',
      [p1, sent, inDoubt, resolved(), sent, again(5), sent, done('settle', found(412))],
      [null, 412],
    ],
    [
      'none where the late ticket belongs to an episode that ended too early',
      [p1, sent, inDoubt, resolved(), sent, wait(minutes(6)), again(5), sent, done('settle', found(412))],
      [null, null],
    ],
    ['none where the last episode had no ticket', [p3, sent, resolved(), sent, again(5)], [null]],
    [
      'that of the first episode where the second ended before the help desk was back',
      [...over, again(5), sent, failed(), resolved(), sent, again(5)],
      [null, 412, 412],
    ],
  ])('%s', (_what, inputs, continued) => {
    expect(continuedBy(...inputs)).toEqual(continued);
  });
});

it('a ticket that an earlier episode continues is noted as back and as over, although the window is 0 by now', () => {
  const back = again(5, { severity: 'P2', title: 'API is slow' });
  const actor = alert();
  actor.take(...over, done('chore', { outcome: 'done' }), wait(minutes(2)), back, sent);
  actor.take(wait(minutes(1)), resolved(), sent, wait(minutes(1)), again(0), sent);
  actor.take(filed(412, { created: false }));
  const facts = { alertKey: KEY, title: 'API is slow' };
  expect(actor.context.chores).toMatchObject([
    {
      ticketId: 412,
      about: { what: 'continued', ...facts, severity: 'P2', since: '2026-05-05T14:02:00.000Z', endedAt: '' },
    },
    { ticketId: 412, about: { what: 'resolved', ...facts, at: '2026-05-05T14:03:00.000Z', reason: null } },
  ]);
  actor.take(filed(413));
  expect(actor.context).toMatchObject({ episode: 3, ticket: { id: 413 }, title: 'API is DOWN' });
});

function found(id: number) {
  return { outcome: 'filed', ticket: ticket(id), created: true, tagged: true, whileFailing: false };
}

/** One alert whose tickets are open until a person closes them, and a help desk that fails at times. */
function system(windowMinutes: number): () => WalkedSystem {
  return () => {
    const actor = alert();
    /** Open tickets, with the episode for which each was filed. */
    const open = new Map<number, number>();
    const intents = new Map<string, FilingIntent>();
    /** Numbers of the episodes that did not begin within the window. */
    const late = new Set<number>();
    let endedAt = Number.NEGATIVE_INFINITY;
    let [tickets, now] = [400, 0];

    function take(input: ActorInput): void {
      const before: AlertContext = actor.context;
      const { actions } = actor.take(input);
      const { active, episode } = actor.context;
      for (const intent of paramsOf<FilingIntent>(actions, 'intend')) intents.set(intent.filingId, intent);
      if (before.active && !active) endedAt = now;
      if (episode !== before.episode && now - endedAt >= minutes(windowMinutes)) late.add(episode);
      while (actor.running.has('dm')) actor.take(sent);
      while (actor.running.has('chore')) actor.take(done('chore', { outcome: 'done' }));
    }

    /** A request in flight is not stopped by the end of its episode. */
    function answer(): void {
      const intent = intents.get(String(actor.running.get('file')?.input.filingId)) as FilingIntent;
      const earlier = (intent.request as AlertRequest).continues?.id;
      if (windowMinutes === 0) expect(earlier, 'a window of 0 continues no ticket').toBeUndefined();
      if (earlier !== undefined && open.has(earlier)) {
        take(filed(earlier, { created: false }));
        return;
      }
      const episode = Number(intent.subjectKey.split(':').at(-1));
      const lastLate = Math.max(...[...late].filter((n) => n <= episode));
      for (const [id, of] of open) expect(of, `#${id} is open, so no second ticket is filed`).toBeLessThan(lastLate);
      tickets += 1;
      open.set(tickets, episode);
      take(filed(tickets));
    }

    const emit = (severity: 'P1' | 'P3') => take(again(windowMinutes, { severity, flapMaxEpisodes: 1_000 }));
    return {
      choices: () => ({
        fires: () => emit('P1'),
        'fires mildly': () => emit('P3'),
        resolves: () => take(resolved()),
        'a minute': () => {
          now += minutes(1);
          take(wait(minutes(1)));
        },
        'six minutes': () => {
          now += minutes(6);
          take(wait(minutes(6)));
        },
        'a person closes all': () => open.clear(),
        retry: () => take({ type: 'TRY', probe: true } as ActorInput),
        ...(actor.running.has('file') && { files: answer, 'help desk fails': () => take(failed()) }),
      }),
      check() {
        const { ticket: own } = actor.context;
        if (windowMinutes === 0) expect(actor.context.continues ?? null).toBeNull();
        if (own) expect(own.id).toBeLessThanOrEqual(tickets);
      },
      end() {
        if (actor.running.has('file')) answer();
      },
    };
  };
}

it('in random walks no alert has two open tickets while its episodes follow each other within the window', () => {
  walkRandomly(system(5), { runs: 150, steps: 60 });
});

it('in random walks with a window of 0 no episode ever continues a ticket', () => {
  walkRandomly(system(0), { runs: 50, steps: 60 });
});

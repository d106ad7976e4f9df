import { describe, expect, it } from 'vitest';
import type { EmittedEvent } from '../../../machines/alert/types.ts';
import { type ActorInput, seconds, wait } from '../support/driver.ts';
import { failed, filed, inDoubt, refused, resolved, ticket } from '../support/events.ts';
import {
  alert,
  explainedBy,
  flagOff,
  flapping,
  joinsUmbrella,
  p1,
  p3,
  rejected,
  sent,
  ticketed,
  withOtherId,
} from './alertEvents.ts';
import { returned } from './rows/ends.ts';

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
    ['stormed', refused('storm'), joinsUmbrella],
  ] as [string, ActorInput, string[]][])('an episode that was %s and resumes is not filed', (state, result, asks) => {
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

describe('an emission that its sender sent before the last one', () => {
  const late = (event: EmittedEvent): EmittedEvent => ({ ...event, late: true });

  it('raises the severity and leaves the facts and the suppression as they are', () => {
    const actor = alert();
    actor.take(p3, sent);
    actor.take(late({ ...explainedBy(p1, 'network'), title: 'Older', url: 'https://old.example', labels: { a: 'b' } }));
    const { title, url, held } = p3;
    expect(actor.context).toMatchObject({ title, url, held, severity: 'P1', latestSeverity: 'P3' });
    expect(actor.value).toMatchObject({ life: 'firing', ticket: 'filing' });
  });

  it('changes nothing if its severity is not higher', () => {
    const actor = alert();
    actor.take(...ticketed);
    const before = actor.stored();
    expect(actor.take(late({ ...flagOff(p3), title: 'Older' })).asks).toEqual([]);
    expect(actor.stored()).toBe(before);
  });
});

describe('an alert that is steady', () => {
  it.each([
    ['below the threshold', [p3, sent], p3],
    ['held back by the flag', [flagOff(p1), sent], flagOff(p1)],
    ['being filed', [p1], p1],
    ['waiting for the help desk', [p1, failed()], p1],
    ['in doubt', [p1, inDoubt], p1],
    ['held back by a dependency', [explainedBy(p1, 'network'), sent], explainedBy(p1, 'network')],
    ['on the umbrella ticket', [p1, refused('storm')], p1],
    ['rejected', [p1, rejected], p1],
    ['ticketed', ticketed, p1],
    ['flapping', flapping, flagOff(p3)],
    ['firing under two ids', [flagOff(p1), withOtherId(flagOff(p1))], flagOff(p1)],
  ] as [string, ActorInput[], EmittedEvent][])('a repeat changes nothing while the alert is %s', (_, from, again) => {
    const actor = alert();
    actor.take(...from);
    const before = actor.stored();
    expect(actor.take(wait(seconds(30)), again)).toEqual({ actions: [], moved: false, asks: [] });
    expect(actor.stored()).toBe(before);
  });
});

it('the note at the end of a flapping episode counts the outages since the last note', () => {
  const actor = alert();
  actor.take(...returned, { type: 'RESOLVED_BY_HAND', by: 'mia', reason: 'lost' } as ActorInput);
  const notes = actor.context.chores.map((chore) => (chore.kind === 'note' ? chore.about : null));
  expect(notes).toMatchObject([{ what: 'flapping', times: 3 }, { what: 'resolved' }]);
});

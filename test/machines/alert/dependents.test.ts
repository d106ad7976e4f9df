import { expect, it } from 'vitest';
import { seconds, wait } from '../support/driver.ts';
import { emitted, filed } from '../support/events.ts';
import { alert, dependent, p1, sent } from './alertEvents.ts';

it('a note that had its turn, and may have been written, takes in no more dependents', () => {
  const actor = alert();
  actor.take(
    p1,
    sent,
    filed(412),
    sent,
    dependent('x'),
    emitted({ title: 'API is down again' }),
    wait(seconds(30)),
    dependent('y'),
  );
  const named = actor.context.chores.flatMap((chore) =>
    chore.kind === 'note' && chore.about.what === 'dependents'
      ? [chore.about.members.map(({ alertKey }) => alertKey)]
      : [],
  );
  expect(named).toEqual([['s:x'], ['s:y']]);
});

it('a hundred dependents are named in two notes', () => {
  const actor = alert();
  actor.take(p1, sent, filed(412), sent);
  for (let n = 0; n < 100; n++) actor.take(dependent(`x${n}`));
  const notes = actor.context.chores.flatMap((chore) => (chore.kind === 'note' ? [chore.about] : []));
  expect(notes.map((about) => ('members' in about ? about.members.length : 0))).toEqual([1, 99]);
});

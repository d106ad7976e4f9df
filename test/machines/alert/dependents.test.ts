import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dependentAdded, dependentsNoted } from '../../../machines/alert/dependents.ts';
import type { AlertContext } from '../../../machines/alert/types.ts';
import { composeNote } from '../../../src/tickets/composeNote.ts';
import { fitHtml } from '../../../src/tickets/freescout/text.ts';
import { escaped } from '../../../src/tickets/html.ts';
import { seconds, together, wait } from '../support/driver.ts';
import { emitted, filed } from '../support/events.ts';
import { anyKinds, membersOf } from '../support/members.ts';
import { alert, dependent, p1, sent } from './alertEvents.ts';

const AT = { at: '2026-05-05T14:00:00.000Z' };

/** The keys that each note of the dependents has, once its text is cut to what FreeScout takes. */
const namedBy = ({ chores }: AlertContext): string[][] =>
  chores.flatMap((chore) => {
    if (chore.kind !== 'note' || chore.about.what !== 'dependents') return [];
    const text = fitHtml(`<!-- ${chore.id} -->${composeNote(chore.about)}`);
    const keys = chore.about.members.map(({ alertKey }) => alertKey);
    return [keys.filter((key) => text.includes(`<code>${escaped(key)}</code>`))];
  });

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

it('a ticket that is filed late names each of fifteen hundred dependents in one of its notes', () => {
  const members = membersOf([{ title: '障'.repeat(500), id: 'x', severity: 'P1' }], 1_500);
  const actor = alert();
  actor.take(p1, sent, together(...members.map((member) => ({ type: 'DEPENDENT', member, episode: 1 }))), filed(412));
  expect(namedBy(actor.context).flat()).toEqual(members.map(({ alertKey }) => alertKey));
  const ids = actor.context.chores.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('notes contain every dependent that counts as named, in any script', () => {
  const actor = alert();
  actor.take(p1, sent, filed(412), sent);
  fc.assert(
    fc.property(anyKinds, (kinds) => {
      const members = membersOf(kinds, 900);
      const waiting = { ...actor.context, dependents: members.slice(0, 600) };
      let context: AlertContext = { ...waiting, ...dependentsNoted(waiting, AT) };
      for (const member of members.slice(600))
        context = { ...context, ...dependentAdded(context, { member, episode: 1, ...AT }) };
      expect(context.dependents).toEqual([]);
      expect(namedBy(context).flat()).toEqual(members.map(({ alertKey }) => alertKey));
    }),
    { numRuns: 10 },
  );
});

it('few notes wait for two thousand dependents, whatever their titles and keys, so that none of them is dropped', () => {
  const actor = alert();
  actor.take(p1, sent, filed(412), sent);
  let context: AlertContext = actor.context;
  for (const member of membersOf(
    [{ title: '"'.repeat(200), id: `${'s'.repeat(57)}${'"'.repeat(16)}`, severity: 'P1' }],
    2_000,
  ))
    context = { ...context, ...dependentAdded(context, { member, episode: 1, ...AT }) };
  expect(namedBy(context).flat()).toHaveLength(2_000);
  expect(context.chores.length).toBeLessThanOrEqual(25);
});

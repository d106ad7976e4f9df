import { expect, it } from 'vitest';
import {
  finished,
  nextUpdate,
  type PendingUpdate,
  postponed,
  queued,
  turnMs,
} from '../../../machines/shared/pendingUpdates.ts';
import type { NoteAbout, TicketUpdate } from '../../../machines/shared/protocol.ts';

const AT = '2026-05-05T14:00:00.000Z';
const later = (minutes: number) => ({ at: new Date(Date.parse(AT) + minutes * 60_000).toISOString() });
let ids = 0;
const note = (about: object, ticketId = 412): TicketUpdate => ({
  kind: 'note',
  id: `note:${++ids}`,
  ticketId,
  about: { at: AT, ...about } as NoteAbout,
});
const recovered = (ticketId?: number) => note({ what: 'recovered', name: 'API', since: null }, ticketId);
const resolved = (title: string) => note({ what: 'resolved', alertKey: 's:a', title, reason: null });
const flapping = (times: number) => note({ what: 'flapping', alertKey: 's:a', title: 'A', times, holdMs: 1 });
const tag = (n: number): TicketUpdate => ({ kind: 'tag', id: `tag:${n}`, filingId: `f:${n}`, ticketId: n });
const aboutOf = (update: PendingUpdate | undefined) => (update?.kind === 'note' ? update.about : undefined);
/** The first is being made. */
const made = tag(1);

it('a hundred recoveries that wait are one note with a count and the newest facts', () => {
  const notes = Array.from({ length: 100 }, () => recovered());
  const chores = queued([made], ...notes);
  expect(chores).toEqual([made, { ...notes.at(-1), about: { ...aboutOf(notes.at(-1)), times: 100 } }]);
});

it('the returns of a flapping surface add up', () => {
  expect(aboutOf(queued([made], flapping(3), flapping(4))[1])).toMatchObject({ what: 'flapping', times: 7 });
});

it('an update that is being made stays as it is', () => {
  const first = recovered();
  expect(queued([first], recovered())).toHaveLength(2);
});

it('updates of different tickets or purposes are not merged', () => {
  const others = [recovered(), recovered(413), resolved('A'), flapping(1), tag(2), tag(3)];
  expect(queued([made], ...others)).toEqual([made, ...others]);
});

it('notes that name alerts keep all of them', () => {
  const members = [{ alertKey: 's:b', severity: 'P1', title: 'B' }];
  const others = [note({ what: 'dependents', members }), note({ what: 'dependents', members: [] })];
  expect(queued([made], ...others)).toEqual([made, ...others]);
});

it('tags that wait twice for one ticket are set once', () => {
  const newest = { ...tag(2), id: 'newest' };
  expect(queued([made], tag(2), newest)).toEqual([made, newest]);
});

it('updates that failed come after those that were not tried yet', () => {
  const [a, b, c] = [tag(1), tag(2), tag(3)];
  const chores = postponed({ chores: [a, b] }, later(0)).chores;
  const next = finished({ chores: [...chores, c] }).chores;
  expect(next.map(({ ticketId }) => ticketId)).toEqual([3, 1]);
});

it('an update that is merged again and again is given up as early as one that is not', () => {
  const waiting = postponed({ chores: [recovered(), made] }, later(0)).chores;
  const chores = queued(waiting, recovered());
  expect(chores.at(-1)).toMatchObject({ about: { times: 2 }, late: { times: 1, since: AT } });
});

it('the turns of an update that fails again and again grow to half an hour', () => {
  let context: { chores: PendingUpdate[] } = { chores: [made] };
  const turns = Array.from({ length: 9 }, () => {
    const ms = turnMs(context);
    context = postponed(context, later(0));
    return ms / 60_000;
  });
  expect(turns).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30, 30]);
});

it('the effect is told how long the update was tried before, so that it gives up after a day', () => {
  const once = postponed({ chores: [made] }, later(1));
  const twice = postponed(once, later(30));
  expect(nextUpdate({ chores: [made] }, later(0))).toEqual(made);
  expect(nextUpdate(twice, later(61))).toEqual({ ...made, waitedMs: 60 * 60_000 });
});

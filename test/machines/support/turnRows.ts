import type { PendingUpdate } from '../../../machines/shared/pendingUpdates.ts';
import { type ActorInput, amended, seconds, wait } from './driver.ts';
import { type Row, row } from './transitionTable.ts';

const MAX_WAITING = 30;
const late = { times: 1, since: '2026-05-05T13:00:00.000Z' };
const nudge = { type: 'NUDGE' };

const tag = (n: number, more: Partial<PendingUpdate> = {}) =>
  ({ kind: 'tag', id: `t${n}`, filingId: `x:${n}`, ticketId: 900 + n, ...more }) as PendingUpdate;

/** Replaces all pending updates but the one that is being made, which `first` changes. */
const pending = (first: Partial<PendingUpdate>, ...others: PendingUpdate[]): ActorInput =>
  amended((stored) => {
    const [made] = stored.context.chores as PendingUpdate[];
    return { ...stored, context: { ...stored.context, chores: [{ ...made, ...first }, ...others] } };
  });

/** How the ticket updates of a machine give way to each other. `begun` leads to the first of them; `asks` it again. */
export const turnRows = (begun: ActorInput[], asks: string): Row[] => [
  row('a ticket update that fails is retried while no other waits', begun, wait(seconds(30)), 'upkeep.working.overdue'),
  row(
    'a ticket update that fails for its whole turn gives way to another one',
    [...begun, pending({}, tag(8))],
    wait(seconds(30)),
    'upkeep.working.inTime',
    'run keepTicket tag 8',
  ),
  row(
    'a ticket update that gave way has its next turn when the others had theirs',
    [...begun, pending({}, tag(8)), wait(seconds(30))],
    wait(seconds(30)),
    'upkeep.working.inTime',
    asks,
  ),
  row(
    'a ticket update that was not tried yet goes before one that had its turn',
    [...begun, pending({ late }, tag(8, { late }), tag(9))],
    nudge,
    'upkeep.working.inTime',
    'run keepTicket tag 9',
  ),
  row(
    'of too many ticket updates the one that waits longest is dropped and audited',
    [...begun, pending({}, ...Array.from({ length: MAX_WAITING + 1 }, (_, n) => tag(n)))],
    nudge,
    'upkeep.working.inTime',
    'audit tag_dropped too many updates wait',
  ),
];

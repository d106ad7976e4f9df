import { instantOf, type NoteAbout, type TicketUpdate } from './protocol.ts';

/**
 * The ticket updates that an actor has not made yet. The first is being made. Behind it come those that were not tried
 * yet, then those that had to give way, because one that cannot be made must not block the others. Pure.
 */

export type PendingUpdate = TicketUpdate & { late?: Late };

/** It gave way to others: how often, and since when. */
interface Late {
  times: number;
  since: string;
}

export interface HasUpdates {
  chores: PendingUpdate[];
}

/** More are not kept, so that a snapshot cannot grow without limit while updates cannot be made. */
const MAX_WAITING = 30;
const FIRST_TURN_MS = 30_000;
const LONGEST_TURN_MS = 30 * 60_000;

/**
 * Adds an update. One that waits for the same purpose is merged into it, so that what happened again and again while
 * updates could not be made is noted once, with a count, and still counts as tried for as long.
 */
export function queued(chores: PendingUpdate[], ...updates: TicketUpdate[]): PendingUpdate[] {
  const after = [...chores];
  for (const update of updates) {
    const at = after.findIndex((other, n) => n > 0 && isSamePurpose(other, update));
    const [waiting] = at < 0 ? [] : after.splice(at, 1);
    after.push(waiting ? { ...merged(waiting, update), ...(waiting.late ? { late: waiting.late } : {}) } : update);
  }
  return after;
}

/** Notes that name alerts are not merged here: each alert is named. */
function isSamePurpose(a: TicketUpdate, b: TicketUpdate): boolean {
  if (a.ticketId !== b.ticketId) return false;
  if (a.kind === 'tag' || b.kind === 'tag') return a.kind === b.kind;
  return a.about.what === b.about.what && MERGED.has(a.about.what);
}

const MERGED = new Set<NoteAbout['what']>(['recovered', 'resolved', 'continued', 'severity', 'flapping', 'unstable']);

function merged(earlier: TicketUpdate, later: TicketUpdate): TicketUpdate {
  if (earlier.kind === 'tag' || later.kind === 'tag') return later;
  const [before, about] = [earlier.about, later.about];
  if (about.what === 'flapping' && before.what === 'flapping')
    return { ...later, about: { ...about, times: before.times + about.times } };
  // Facts of the earlier note are on no ticket yet.
  if (about.what === 'severity' && before.what === 'severity') return { ...later, about: { ...before, ...about } };
  if ((about.what === 'recovered' || about.what === 'resolved') && before.what === about.what)
    return { ...later, about: { ...about, times: (before.times ?? 1) + (about.times ?? 1) } };
  return later;
}

const inOrder = (chores: PendingUpdate[]): PendingUpdate[] =>
  chores.toSorted((a, b) => Number(a.late !== undefined) - Number(b.late !== undefined));

/** The first update was made, or cannot be made. */
export const finished = ({ chores }: HasUpdates): HasUpdates => ({ chores: inOrder(chores.slice(1)) });

/** The first update gives way. The help desk may still make it: it is safe to ask for it again. */
export function postponed({ chores }: HasUpdates, event: object): HasUpdates {
  const [first, ...others] = chores;
  if (!first) return { chores };
  const late = { times: (first.late?.times ?? 0) + 1, since: first.late?.since ?? instantOf(event) };
  return { chores: inOrder([...others, { ...first, late }]) };
}

/** Pauses between updates that fail again and again grow, so that an outage causes few changes. */
export const turnMs = ({ chores }: HasUpdates): number =>
  Math.min(FIRST_TURN_MS * 2 ** (chores[0]?.late?.times ?? 0), LONGEST_TURN_MS);

export const othersWait = ({ chores }: HasUpdates): boolean => chores.length > 1;

/** The first had its turn before, and another has not. */
export const freshOneWaits = ({ chores }: HasUpdates): boolean =>
  chores[0]?.late !== undefined && chores.some(({ late }) => late === undefined);

export const tooManyWait = ({ chores }: HasUpdates): boolean => chores.length > MAX_WAITING + 1;

/** Of those that wait, the one that waits longest. */
export const longestWaiting = ({ chores }: HasUpdates): PendingUpdate | undefined =>
  chores.slice(1).find(({ late }) => late !== undefined) ?? chores[1];

export const withoutLongestWaiting = (context: HasUpdates): HasUpdates => {
  const longest = longestWaiting(context);
  return { chores: context.chores.filter((update) => update !== longest) };
};

/** What the effect is told: also how long the update was tried in earlier turns. */
export function nextUpdate({ chores }: HasUpdates, event: object): TicketUpdate {
  const [{ late, ...update }] = chores as [PendingUpdate];
  if (!late) return update as TicketUpdate;
  return { ...update, waitedMs: Date.parse(instantOf(event)) - Date.parse(late.since) } as TicketUpdate;
}

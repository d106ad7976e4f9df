import { isDatabaseGone, isLimitExceeded, isLocked } from '../../db/databaseGone.ts';
import { Problem } from '../../lib/problem.ts';
import { maskSecrets } from '../../log/secretTexts.ts';
import type { Intake } from '../intake/intake.ts';
import type { ReadAlerts, StoredNotice } from '../senders/readRequest.ts';
import { hasFailedOften } from './attempts.ts';
import { type Lease, LeaseLost } from './lease.ts';
import { partsOf } from './parts.ts';
import { type Finished, LONGEST_RETRY_SECONDS, type WaitingRequest } from './store.ts';

/** Gives the alerts of requests to the intake, and says what became of each request. */

export interface ReadRequest extends Pick<ReadAlerts, 'alerts' | 'notices' | 'refused'> {
  request: WaitingRequest;
}

interface Work {
  intake: Intake;
  lease: Pick<Lease, 'keep' | 'fence'>;
}

/** Enough to fill one transaction. */
export const MAX_ALERTS = 1_000;
const MAX_ATTEMPTS = 5;
const RETRY_SECONDS = 5;
/** An error may quote the whole request, and so a secret that was written with escapes and not masked before. */
const MAX_MESSAGE = 500;

export function shortened(message: string): string {
  const shown = maskSecrets(message);
  return shown.length > MAX_MESSAGE ? `${shown.slice(0, MAX_MESSAGE - 1)}…` : shown;
}

/** A failure of several requests may be the fault of one, so that the first is then tried alone. */
export async function acceptRequests(work: Work, chunk: readonly ReadRequest[]): Promise<Finished[]> {
  const [first] = chunk;
  if (!first) return [];
  try {
    return await acceptTogether(work, chunk);
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    // A database that answers serves other requests, so that a limit was exceeded by this one. Throws where it is away.
    if (isLimitExceeded(error)) await work.lease.keep();
    else if (isDatabaseGone(error)) throw error;
    if (chunk.length > 1) return acceptRequests(work, [first]);
    const message = shortened(reasonOf(error));
    const { id, attempts } = first.request;
    // A lock that another transaction holds says nothing about the request, however long it is held.
    const isAtFault = !isLocked(error);
    if (isAtFault && hasFailedOften(first.request, message, MAX_ATTEMPTS))
      return [{ id, status: 'dead', reason: 'failed', message }];
    const retrySeconds = Math.min(RETRY_SECONDS * 2 ** attempts, LONGEST_RETRY_SECONDS);
    return [{ id, status: 'waiting', message, retrySeconds }];
  }
}

/** Begins with the first cause, because the intake reports a lock and a statement that took too long in the same words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  let first = error;
  while (first.cause instanceof Error) first = first.cause;
  return first === error ? error.message : `${first.message}: ${error.message}`;
}

async function acceptTogether(work: Work, chunk: readonly ReadRequest[]): Promise<Finished[]> {
  const sent = chunk.flatMap(({ alerts }) => alerts);
  const arrivedAt = chunk.flatMap(({ alerts, request }) => alerts.map(() => request.receivedAt));
  const rejected = new Set<number>();
  for (const part of partsOf(sent, MAX_ALERTS)) {
    const all = { source: chunk[0]?.request.source ?? '', sent, arrivedAt };
    for (const place of await acceptPart(work, all, part)) rejected.add(place);
  }
  let begin = 0;
  return chunk.map(({ request, alerts, notices, refused: unread }): Finished => {
    const [from, to] = [begin, begin + alerts.length];
    begin = to;
    const refused = [...rejected].filter((place) => place >= from && place < to).length;
    return {
      ...{ id: request.id, status: 'done', alerts: alerts.length - refused },
      ...{ rejected: refused + unread, leftOut: leftOut(notices) },
    };
  });
}

/** Answers the places of the alerts that cannot be used. */
async function acceptPart(
  { intake, lease }: Work,
  { source, sent, arrivedAt }: { source: string; sent: readonly Record<string, unknown>[]; arrivedAt: readonly Date[] },
  part: readonly number[],
): Promise<readonly number[]> {
  await lease.keep();
  try {
    const { rejected = [] } = await intake.accept(
      source,
      part.map((place) => sent[place]),
      { fence: lease.fence, arrivedAt: part.flatMap((place) => arrivedAt[place] ?? []) },
    );
    return rejected.flatMap(({ index }) => (index === null ? [] : (part[index] ?? [])));
  } catch (error) {
    // None of this part can be used, but some of another part of the request can.
    if (part.length < sent.length && error instanceof Problem && error.code === 'invalid_field') return part;
    throw error;
  }
}

const leftOut = (notices: readonly StoredNotice[]): number =>
  notices.reduce((sum, notice) => sum + (notice.kind === 'truncated' ? notice.alerts : 0), 0);

import { setImmediate } from 'node:timers/promises';
import type { Intake } from '../intake/intake.ts';
import { readEmission } from '../intake/readEmission.ts';
import { type ReadAlerts, readRequest, type StoredNotice } from '../senders/readRequest.ts';
import { senderNamed } from '../senders/registry.ts';
import { NotUnderstood, type SourceSettings, TookTooLong } from '../senders/sender.ts';
import { acceptRequests, MAX_ALERTS, shortened } from './acceptRequests.ts';
import { hasFailedOften } from './attempts.ts';
import type { Lease } from './lease.ts';
import type { Finished, WaitingRequest } from './store.ts';

/** Turns stored requests of one source into alerts, in their order. */

export interface Applied {
  finished: Finished[];
  /** What requests said besides their alerts. */
  notices: { request: string; notice: StoredNotice }[];
  /** Those of `finished` that became dead letters. */
  dead: Finished[];
}

interface Read extends ReadAlerts {
  request: WaitingRequest;
}

/** As decompressed. A request is read while there is less, and has at most half as much. */
const MAX_BYTES = 16 * 1_048_576;
/** Time for reading; a mapping may be slow. */
const MAX_READ_MS = 3_000;
/** A request that takes too long to read is tried so often before it is a dead letter, with a short pause in between. */
const MAX_TRIES = 3;
const TRY_AGAIN_SECONDS = 1;

/**
 * Applies the first requests of the list, as many as fit into one transaction: an alert occurs in one of them only, so
 * that applying them again after a crash changes nothing. Throws if the database is away, and if the lease is lost.
 */
export async function applyRequests(
  work: { intake: Intake; lease: Pick<Lease, 'keep' | 'fence'> },
  requests: readonly WaitingRequest[],
  settings: SourceSettings,
): Promise<Applied> {
  const { chunk, unread } = await readChunk(requests, settings);
  const finished = await acceptRequests(work, chunk);
  const done = new Set(finished.filter(({ status }) => status === 'done').map(({ id }) => id));
  const notices = chunk.flatMap(({ request, notices }) =>
    done.has(request.id) ? notices.map((notice) => ({ request: request.id, notice })) : [],
  );
  return { finished: [...finished, ...unread], notices, dead: [...unread, ...finished].filter(isDead) };
}

async function readChunk(
  requests: readonly WaitingRequest[],
  settings: SourceSettings,
): Promise<{ chunk: Read[]; unread: Finished[] }> {
  const unread: Finished[] = [];
  const chunk: Read[] = [];
  const ids = new Set<unknown>();
  let [alerts, bytes] = [0, 0];
  const until = performance.now() + MAX_READ_MS;
  for (const request of requests) {
    if (!request.isDue || bytes >= MAX_BYTES || performance.now() > until) break;
    // The process answers requests, and prolongs its lease, between two of them.
    await setImmediate();
    const read = await readOrRefuse(request, settings);
    if ('status' in read) {
      unread.push(read);
      // Those behind it keep their place.
      if (!isDead(read)) break;
      continue;
    }
    const isFull = alerts + read.alerts.length > MAX_ALERTS || read.alerts.some(({ alert_id }) => ids.has(alert_id));
    if (chunk.length > 0 && isFull) break;
    for (const { alert_id } of read.alerts) ids.add(alert_id);
    alerts += read.alerts.length;
    bytes += read.bytes;
    chunk.push(read);
  }
  return { chunk, unread };
}

const isDead = ({ status }: Finished): boolean => status === 'dead';

async function readOrRefuse(request: WaitingRequest, settings: SourceSettings): Promise<Read | Finished> {
  const sender = senderNamed(request.sender);
  const refused = (message: string, reason = 'not_understood'): Finished => {
    return { id: request.id, status: 'dead', reason, message: shortened(message) };
  };
  if (!sender) return refused(`There is no sender ${request.sender} in this release.`);
  try {
    const read = await readRequest(sender, request, settings, request.receivedAt);
    const [first] = read.alerts;
    const results = read.alerts.map(readEmission);
    // The others of a request count even if some cannot be used.
    const isUseless = first !== undefined && results.every((result) => 'rejected' in result);
    const [why] = results;
    if (isUseless && why && 'rejected' in why) return refused(`${why.rejected.field}: ${why.rejected.message}.`);
    return { ...read, request };
  } catch (error) {
    if (error instanceof TookTooLong) {
      const message = shortened(error.message);
      if (!hasFailedOften(request, message, MAX_TRIES))
        return { id: request.id, status: 'waiting', message, retrySeconds: TRY_AGAIN_SECONDS };
    }
    if (error instanceof NotUnderstood) return refused(error.message);
    // A fault of the adapter fails the same way each time, and must not hold up the requests behind it.
    return refused(error instanceof Error ? error.message : String(error), 'failed');
  }
}

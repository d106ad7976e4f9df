import { isDatabaseGone } from '../../db/databaseGone.ts';
import type { Intake } from '../intake/intake.ts';
import { readEmission } from '../intake/readEmission.ts';
import { type ReadAlerts, readRequest, type StoredNotice } from '../senders/readRequest.ts';
import { senderNamed } from '../senders/registry.ts';
import { NotUnderstood, type SourceSettings } from '../senders/sender.ts';
import type { Finished, WaitingRequest } from './store.ts';

/** Turns stored requests of one source into alerts, in their order. */

export interface Applied {
  finished: Finished[];
  /** What requests said besides their alerts. */
  notices: { request: string; notice: StoredNotice }[];
  /** Requests that cannot be understood. */
  dead: Finished[];
}

interface Read extends ReadAlerts {
  request: WaitingRequest;
}

/** Enough to fill one transaction; more alerts of one request stay together. */
const MAX_ALERTS = 1_000;
const MAX_ATTEMPTS = 5;
const RETRY_SECONDS = 5;

/**
 * Applies the first requests of the list, as many as fit into one transaction: an alert occurs in one of them only, so
 * that applying them again after a crash changes nothing. Throws where the database is away.
 */
export async function applyRequests(
  intake: Intake,
  requests: readonly WaitingRequest[],
  settings: SourceSettings,
): Promise<Applied> {
  const dead: Finished[] = [];
  const chunk: Read[] = [];
  const ids = new Set<unknown>();
  let alerts = 0;
  for (const request of requests) {
    if (!request.isDue) break;
    const read = await readOrRefuse(request, settings);
    if ('status' in read) {
      dead.push(read);
      continue;
    }
    const isFull = alerts + read.alerts.length > MAX_ALERTS || read.alerts.some(({ alert_id }) => ids.has(alert_id));
    if (chunk.length > 0 && isFull) break;
    for (const { alert_id } of read.alerts) ids.add(alert_id);
    alerts += read.alerts.length;
    chunk.push(read);
  }
  const finished = await accept(intake, chunk);
  const done = new Set(finished.filter(({ status }) => status === 'done').map(({ id }) => id));
  const notices = chunk.flatMap(({ request, notices }) =>
    done.has(request.id) ? notices.map((notice) => ({ request: request.id, notice })) : [],
  );
  return { finished: [...finished, ...dead], notices, dead: [...dead, ...finished.filter(isDead)] };
}

const isDead = ({ status }: Finished): boolean => status === 'dead';

async function readOrRefuse(request: WaitingRequest, settings: SourceSettings): Promise<Read | Finished> {
  const sender = senderNamed(request.sender);
  const refused = (message: string, reason = 'not_understood'): Finished => {
    return { id: request.id, status: 'dead', reason, message };
  };
  if (!sender) return refused(`There is no sender ${request.sender} in this release.`);
  try {
    const read = await readRequest(sender, request, settings);
    const [first] = read.alerts;
    const results = read.alerts.map(readEmission);
    // The others of a request count even where some cannot be used.
    const isUseless = first !== undefined && results.every((result) => 'rejected' in result);
    const [why] = results;
    if (isUseless && why && 'rejected' in why) return refused(`${why.rejected.field}: ${why.rejected.message}.`);
    return { ...read, request };
  } catch (error) {
    if (error instanceof NotUnderstood) return refused(error.message);
    // A fault of the adapter fails the same way each time, and must not hold up the requests behind it.
    return refused(error instanceof Error ? error.message : String(error), 'failed');
  }
}

/** A failure of several requests may be the fault of one, so that the first is then tried alone. */
async function accept(intake: Intake, chunk: readonly Read[]): Promise<Finished[]> {
  const [first] = chunk;
  if (!first) return [];
  try {
    return await acceptTogether(intake, chunk);
  } catch (error) {
    if (isDatabaseGone(error)) throw error;
    if (chunk.length > 1) return accept(intake, [first]);
    const message = error instanceof Error ? error.message : String(error);
    const { id, attempts } = first.request;
    if (attempts + 1 >= MAX_ATTEMPTS) return [{ id, status: 'dead', reason: 'failed', message }];
    return [{ id, status: 'waiting', message, retrySeconds: RETRY_SECONDS * 2 ** attempts }];
  }
}

const leftOut = (notices: readonly StoredNotice[]): number =>
  notices.reduce((sum, notice) => sum + (notice.kind === 'truncated' ? notice.alerts : 0), 0);

async function acceptTogether(intake: Intake, chunk: readonly Read[]): Promise<Finished[]> {
  const sent = chunk.flatMap(({ alerts }) => alerts);
  const source = chunk[0]?.request.source ?? '';
  const answer = sent.length === 0 ? null : await intake.accept(source, sent);
  let begin = 0;
  return chunk.map(({ request, alerts, notices }): Finished => {
    const [from, to] = [begin, begin + alerts.length];
    begin = to;
    const rejected = (answer?.rejected ?? []).filter(
      ({ index }) => index !== null && index >= from && index < to,
    ).length;
    return { id: request.id, status: 'done', alerts: alerts.length - rejected, rejected, leftOut: leftOut(notices) };
  });
}

import { kindOf } from '../../machines/shared/actorId.ts';
import type {
  ActorMessage,
  AuditEntry,
  ClickAnswer,
  Membership,
  Suppression,
  SurfaceEmission,
} from '../../machines/shared/protocol.ts';
import type { ActionWriter, ActionWriters } from '../actors/batch.ts';
import { addJobs, deliveryJob, leaveInInbox } from '../actors/enqueue.ts';
import type { NamedAction } from '../actors/pendingWrites.ts';
import type { Router } from '../actors/route.ts';
import { type EmissionPolicy, fromSurface } from '../alerts/emission.ts';
import { recordSuppressions } from '../alerts/suppressedStore.ts';
import { recordMemberships } from '../alerts/umbrellas.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { notifyAnswers } from '../db/channels.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { pipelineAll } from '../db/pipeline.ts';
import { prepared, queryPrepared } from '../db/prepared.ts';
import { recordAdoptions, recordIntents, recordWithdrawals } from '../tickets/filingIntents.ts';
import type { NewFilings } from '../tickets/newFilings.ts';
import { filingWrites } from './filingWrites.ts';
import { registry } from './machineRegistry.ts';

/** Executes the named actions of machines, each in the transaction of the transition that asked for it. */
export const createActionWriters = (newFilings: Pick<NewFilings, 'stored'>): ActionWriters => {
  const filings = createFilingWriter(newFilings);
  return { ...OTHERS, intend: filings, withdraw: filings, adopt: filings };
};

const createFilingWriter =
  (newFilings: Pick<NewFilings, 'stored'>): ActionWriter =>
  async (client, actions, afterCommit) => {
    const { withdrawals, adoptions, intents } = filingWrites(actions);
    await pipelineAll(client, [
      async () => withdrawals.length > 0 && recordWithdrawals(client, withdrawals),
      async () => adoptions.length > 0 && recordAdoptions(client, adoptions),
      async () => intents.length > 0 && afterCommit(await newFilings.stored(() => recordIntents(client, intents))),
    ]);
  };

const OTHERS = {
  async audit(client, actions) {
    await appendAudit(
      client,
      actions.flatMap(({ params }) => params as AuditEntry[]),
    );
  },

  async hold(client, actions) {
    await recordSuppressions(
      client,
      actions.flatMap(({ params, at }) => (params as Suppression[]).map((hold) => ({ ...hold, at }))),
    );
  },

  async enlist(client, actions) {
    await recordMemberships(
      client,
      actions.flatMap(({ params }) => params as Membership[]),
    );
  },

  async answer(client, actions) {
    const answers = actions.flatMap(({ params }) => params as ClickAnswer[]);
    if (answers.length === 0) return;
    const rows = answers.map(({ clickId, body }) => ({ click_id: clickId, body }));
    await pipelineAll(client, [
      () => queryPrepared(client, ANSWER, [JSON.stringify(rows)]),
      ...announcements(answers).map((payload) => () => notifyAnswers(client, payload)),
    ]);
  },

  /**
   * Messages to an actor that represents many go to its inbox; one job carries all other messages of a transaction.
   * Their ids make a repeated delivery harmless. An alert that was deleted and fires again counts its steps anew, and the
   * instant tells its messages from those of its first life, which the history of their recipients may still have.
   */
  async tell(client, actions) {
    const messages = actions.flatMap(({ id, at, params }: NamedAction) =>
      (params as ActorMessage[]).map(({ to, event }, n) => ({ to, event, eventId: `tell:${id}:${n}:${at}` })),
    );
    const gathers = ({ to }: { to: string }) => registry.of(to).ahead === true;
    await leaveInInbox(client, messages.filter(gathers));
    const single = messages.filter((message) => !gathers(message));
    if (single.length > 0) await addJobs(client, [deliveryJob(single)]);
  },
} satisfies ActionWriters;

/** For a process that runs no filings. */
export const actionWriters: ActionWriters = createActionWriters({
  async stored(store) {
    await store();
    return () => undefined;
  },
});

const ANSWER = prepared(`
  insert into answers (click_id, body) select click_id, body from ${rowsFromJson('click_id text, body jsonb')}
  on conflict (click_id) do nothing`);

/** The payload of a notification is limited to 8,000 bytes. */
const MAX_IDS = 150;

function announcements(answers: readonly ClickAnswer[]): string[] {
  const clickIds = answers.map(({ clickId }) => clickId);
  return Array.from({ length: Math.ceil(clickIds.length / MAX_IDS) }, (_, n) =>
    clickIds.slice(n * MAX_IDS, (n + 1) * MAX_IDS).join(' '),
  );
}

/** Emissions of surfaces go to alert actors in the same transaction; all other actions have writers. */
export const createRouter =
  (policy: EmissionPolicy): Router =>
  (action) =>
    action.name === 'emitAlert'
      ? (action.params as SurfaceEmission[]).map((emission) => fromSurface(emission, policy))
      : null;

/** Only surfaces emit alerts. */
export const mayEmit = (actorId: string): boolean => kindOf(actorId) === 'surface';

/** For deliveries in which no recipient emits alerts. */
export const noRoutes: Router = () => null;

import type { ClientBase } from 'pg';
import { kindOf } from '../../machines/shared/actorId.ts';
import type {
  ActorMessage,
  Adoption,
  AuditEntry,
  ClickAnswer,
  FilingIntent,
  Membership,
  Suppression,
  SurfaceEmission,
} from '../../machines/shared/protocol.ts';
import type { ActionWriters } from '../actors/batch.ts';
import { addJobs, deliveryJob, leaveInInbox } from '../actors/enqueue.ts';
import type { NamedAction } from '../actors/pendingWrites.ts';
import type { Router } from '../actors/route.ts';
import { type EmissionPolicy, fromSurface } from '../alerts/emission.ts';
import { recordSuppressions } from '../alerts/suppressedStore.ts';
import { recordMemberships } from '../alerts/umbrellas.ts';
import { appendAudit } from '../audit/auditLog.ts';
import { rowsFromJson } from '../db/jsonRows.ts';
import { recordAdoptions, recordIntents, recordWithdrawals } from '../tickets/filingStore.ts';
import { registry } from './machineRegistry.ts';

/** How what machines say is written down: each in the transaction of the transition that says it. */
export const actionWriters: ActionWriters = {
  async audit(client, said) {
    await appendAudit(
      client,
      said.flatMap(({ params }) => params as AuditEntry[]),
    );
  },

  async intend(client, said) {
    await recordIntents(
      client,
      said.flatMap(({ actorId, params }) => (params as FilingIntent[]).map((intent) => ({ ...intent, actorId }))),
    );
  },

  async withdraw(client, said) {
    await recordWithdrawals(
      client,
      said.flatMap(({ params }) => params as string[]),
    );
  },

  async hold(client, said) {
    await recordSuppressions(
      client,
      said.flatMap(({ params, at }) => (params as Suppression[]).map((hold) => ({ ...hold, at }))),
    );
  },

  async adopt(client, said) {
    await recordAdoptions(
      client,
      said.flatMap(({ params }) => params as Adoption[]),
    );
  },

  async enlist(client, said) {
    await recordMemberships(
      client,
      said.flatMap(({ params }) => params as Membership[]),
    );
  },

  async answer(client, said) {
    const answers = said.flatMap(({ params }) => params as ClickAnswer[]);
    if (answers.length === 0) return;
    await client.query(
      `insert into answers (click_id, body) select click_id, body from ${rowsFromJson('click_id text, body jsonb')}
       on conflict (click_id) do nothing`,
      [JSON.stringify(answers.map(({ clickId, body }) => ({ click_id: clickId, body })))],
    );
    await announce(
      client,
      answers.map(({ clickId }) => clickId),
    );
  },

  /**
   * What is for an actor that speaks for many waits in its inbox with what others tell it; one job carries all other
   * messages of a transaction. Their ids make a repeated delivery harmless.
   */
  async tell(client, said) {
    const messages = said.flatMap(({ id, params }: NamedAction) =>
      (params as ActorMessage[]).map(({ to, event }, n) => ({ to, event, eventId: `tell:${id}:${n}` })),
    );
    const gathers = ({ to }: { to: string }) => registry.of(to).ahead === true;
    await leaveInInbox(client, messages.filter(gathers));
    const single = messages.filter((message) => !gathers(message));
    if (single.length > 0) await addJobs(client, [deliveryJob(single)]);
  },
};

/** Notifications hold 8,000 bytes. */
const IDS_IN_ONE = 150;

async function announce(client: ClientBase, clickIds: string[]): Promise<void> {
  for (let i = 0; i < clickIds.length; i += IDS_IN_ONE) {
    await client.query("select pg_notify('answers', $1)", [clickIds.slice(i, i + IDS_IN_ONE).join(' ')]);
  }
}

/** What surfaces emit goes to alert actors in the same transaction; everything else is written down. */
export const createRouter =
  (policy: EmissionPolicy): Router =>
  (say) =>
    say.name === 'emitAlert'
      ? (say.params as SurfaceEmission[]).map((emission) => fromSurface(emission, policy))
      : null;

/** Only surfaces emit alerts. */
export const mayEmit = (actorId: string): boolean => kindOf(actorId) === 'surface';

/** For deliveries in which nobody can: everything that is said is written down. */
export const noRoutes: Router = () => null;

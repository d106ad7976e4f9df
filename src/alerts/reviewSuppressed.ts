import type { Pool } from 'pg';
import { alertActor } from '../../machines/shared/actorId.ts';
import type { SuppressionReason } from '../../machines/shared/protocol.ts';
import type { Deliver } from '../actors/deliver.ts';
import { alertActorSql } from '../actors/projections/actorId.ts';
import { alertSql, IS_ACTIVE, IS_SILENCED } from '../actors/projections/alert.ts';
import { contextOf } from '../actors/projections/projection.ts';
import { BY_FLAG, BY_SILENCE, POLLER_SOURCE, type TicketSuppression } from './emission.ts';
import type { InShadow } from './shadow/state.ts';
import { applySilences, hasNewSilence } from './silences/apply.ts';
import { type ActiveSilence, silenceOf } from './silences/matching.ts';

/**
 * Decides again about active alerts once nothing suppresses them, whether or not their senders repeat them. Returns how
 * many were decided again.
 */
export type ReviewSuppressed = () => Promise<number>;

export function createReviewSuppressed(deps: {
  pool: Pick<Pool, 'query'>;
  deliver: Deliver;
  isAutoTicketOn: () => Promise<boolean>;
  silencesNow: () => Promise<readonly ActiveSilence[]>;
  /** What suppresses at this moment besides silences and the flag. */
  suppressionNow: () => Promise<(source: string, surfaceId: string | null) => TicketSuppression>;
  shadowNow: () => Promise<InShadow>;
}): ReviewSuppressed {
  const { pool, deliver, isAutoTicketOn, silencesNow, suppressionNow, shadowNow } = deps;
  return async () => {
    // Whatever prevents it, the alerts that are held back do not wait for it.
    const [silenced] = await Promise.allSettled([applySilences({ pool, deliver })]);
    const decided = await review();
    if (silenced.status === 'rejected') throw silenced.reason;
    return silenced.value + decided;
  };

  async function review(): Promise<number> {
    let decided = 0;
    let after = '';
    for (let rows = await next(''); rows.length > 0; rows = await next(after)) {
      after = rows.at(-1)?.alert_key ?? '';
      const [autoTicket, silences, suppressionOf, inShadow] = await Promise.all([
        isAutoTicketOn(),
        silencesNow(),
        suppressionNow(),
        shadowNow(),
      ]);
      const changed = rows.flatMap((row) => {
        const now = reviewed(row, { autoTicket, silences, suppressionOf, inShadow });
        return now === null || isSame(row, now) ? [] : [{ key: row.alert_key, now }];
      });
      const delivered = await deliver(
        changed.map(({ key, now }) => ({ to: alertActor(key), event: { type: 'HOLD_REVIEWED', ...now } })),
      );
      decided += delivered.filter(({ applied }) => applied === 'changed').length;
    }
    return decided;
  }

  /** While the flag is off it suppresses all tickets, and only messages can be released. */
  async function next(after: string): Promise<Suppressed[]> {
    return (await pool.query<Suppressed>((await isAutoTicketOn()) ? SUPPRESSED : SILENCED, [after, AT_ONCE])).rows;
  }
}

interface Now {
  autoTicket: boolean;
  silences: readonly ActiveSilence[];
  suppressionOf: (source: string, surfaceId: string | null) => TicketSuppression;
  inShadow: InShadow;
}

/** What suppresses the alert now; null if it stays as it is. */
function reviewed(row: Suppressed, { autoTicket, silences, suppressionOf, inShadow }: Now): TicketSuppression | null {
  const { alert_key: alertKey, source, surface_id: surfaceId, labels, held } = row;
  if (silenceOf(silences, { alertKey, source, surfaceId, labels })) return BY_SILENCE;
  if (!autoTicket) return held === 'silenced' ? BY_FLAG : null;
  const now = suppressionOf(source, surfaceId);
  if (held === 'shadow' && now.held === null && inShadow(source, surfaceId)) return null;
  return isDecidedByChecks(row, now) ? null : now;
}

/** Whether there is any alert to review. Only reads, since most of the time there is none. */
export async function hasSuppressed(pool: Pick<Pool, 'query'>): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>(
    `select exists (select from held_alerts where over is null)
       or exists (select from actors a where a.kind = 'alert' and ${IS_ACTIVE} and ${IS_SILENCED}) as any`,
  );
  return (rows[0]?.any ?? false) || hasNewSilence(pool);
}

interface Suppressed {
  alert_key: string;
  source: string;
  surface_id: string | null;
  labels: Record<string, string> | null;
  held: SuppressionReason | null;
  under: string[] | null;
  /** The reasons why its present episode had no ticket so far. */
  audited: string[] | null;
}

/**
 * After an outage of our own or of an upstream surface, the last check of a surface says nothing: its next one decides,
 * and it is ours, even if a silence began meanwhile. While the reason lasts, the ticket that names the alert may become
 * known here.
 */
function isDecidedByChecks({ source, held, audited }: Suppressed, now: TicketSuppression): boolean {
  if (source !== POLLER_SOURCE) return false;
  if (held === 'silenced') return now.held === null && (audited ?? []).some(endsByCheck);
  return endsByCheck(held) && (now.held !== held || now.under.length === 0);
}

/** Only a check shows that this reason is over. */
const endsByCheck = (reason: string | null): boolean => reason === 'offline' || reason === 'dependency';

const isSame = ({ held, under }: Suppressed, now: TicketSuppression): boolean =>
  held === now.held && (under ?? []).join() === now.under.join();

const AT_ONCE = 500;

const FIELDS = `${alertSql.text('source', 'a.context')} as source, ${alertSql.text('surfaceId', 'a.context')} as surface_id,
  ${alertSql.json('labels', 'a.context')} as labels, ${alertSql.text('held', 'a.context')} as held,
  ${alertSql.json('under', 'a.context')} as under, ${alertSql.json('audited', 'a.context')} as audited`;

/** Also those that have their ticket, or deserve none: their messages are held back. */
const SILENCED = `
  select ${alertSql.text('alertKey', 'a.context')} as alert_key, ${FIELDS} from (
    select ${contextOf('a')} as context from actors a
    where a.kind = 'alert' and ${IS_ACTIVE} and ${IS_SILENCED} and a.parked is null
      and a.id > ${alertActorSql('$1::text')} order by a.id limit $2) a`;

const HELD_BACK = `
  select h.alert_key, ${FIELDS} from held_alerts h, lateral (
    select ${contextOf('a')} as context from actors a
    where a.id = ${alertActorSql('h.alert_key')} and a.parked is null and ${IS_ACTIVE}
      and ${alertSql.isIn('ticket.heldBack', 'a.state')} offset 0) a
  where h.over is null and h.alert_key > $1 order by h.alert_key limit $2`;

const SUPPRESSED = `(${HELD_BACK}) union (${SILENCED}) order by alert_key limit $2`;

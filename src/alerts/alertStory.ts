import type { Pool } from 'pg';
import { alertActor } from '../../machines/shared/actorId.ts';
import { ESCALATION_TIMER, hasOpenEpisode } from '../actors/projections/alert.ts';
import { historyOf } from '../inspect/history.ts';
import type { AlertMessage, AlertPeriod, AlertStory } from '../model/alerts.ts';
import type { TicketState } from '../model/tickets.ts';
import { type StoredTicket, TICKET_COLUMNS, ticketState } from '../tickets/ticketState.ts';
import { oneAlert } from './alertList.ts';
import { UMBRELLA_COLUMNS } from './umbrellas.ts';

const MAX_ROWS = 50;
/** Steps into and out of an episode that are read at most. */
const MAX_STEPS = 2 * MAX_ROWS;
/** Messages have one thread for each episode; those of the last ones are listed. */
const EPISODES_WITH_MESSAGES = 10;

/** Everything about one alert; null if there is none of this key. Lists are newest first, at most 50 entries. */
export async function alertStory(
  pool: Pick<Pool, 'query'>,
  alertKey: string,
  silentAfterSeconds: Record<string, number>,
): Promise<AlertStory | null> {
  if (alertKey.includes('\0')) return null;
  const found = await oneAlert(pool, alertKey, silentAfterSeconds);
  if (found === null) return null;
  const { context, ...row } = found;
  const [steps, tickets, messages, escalates_at, history] = await Promise.all([
    stepsOf(pool, alertKey),
    ticketsOf(pool, alertKey),
    messagesOf(pool, alertKey, context.episode),
    escalatesAt(pool, alertKey),
    historyOf(pool, alertActor(alertKey), MAX_ROWS),
  ]);
  return {
    ...row,
    surface_name: context.surfaceName,
    details: context.details,
    labels: context.labels ?? {},
    periods: periodsFrom(steps, tickets),
    messages,
    escalates_at,
    history,
  };
}

interface Step {
  at: Date;
  opens: boolean;
}

/** When episodes began and ended, from the oldest. */
async function stepsOf(pool: Pick<Pool, 'query'>, alertKey: string): Promise<Step[]> {
  const [was, is] = [hasOpenEpisode('from_state'), hasOpenEpisode('to_state')];
  const { rows } = await pool.query<Step>(
    `select at, ${is} as opens from actor_history where actor_id = $1 and ${was} <> ${is} order by id desc limit $2`,
    [alertActor(alertKey), MAX_STEPS],
  );
  return rows.reverse();
}

type Ticket = { ticket: TicketState; at: Date };

/**
 * Its own tickets and the umbrella tickets that it joined, each with the moment at which it was asked for. A row's own
 * time is that of its transaction, which starts a little before the event that begins the episode.
 */
async function ticketsOf(pool: Pick<Pool, 'query'>, alertKey: string): Promise<Ticket[]> {
  const { rows } = await pool.query<StoredTicket & { at: Date }>(
    `select ${TICKET_COLUMNS}, null::int as shared_with, greatest(created_at, (request->>'since')::timestamptz) as at
     from filings where actor_id = $1 and ticket_id is not null
     union all
     select ${UMBRELLA_COLUMNS}, m.joined_at as at
     from umbrella_members m join filings f on f.id = m.filing_id where m.alert_key = $2 and f.ticket_id is not null
     order by at desc limit ${MAX_ROWS}`,
    [alertActor(alertKey), alertKey],
  );
  return rows.map(({ at, ...ticket }) => ({ ticket: ticketState(ticket), at }));
}

async function messagesOf(pool: Pick<Pool, 'query'>, alertKey: string, episode: number): Promise<AlertMessage[]> {
  const threads = Array.from({ length: Math.min(episode, EPISODES_WITH_MESSAGES) }, (_, n) => episode - n);
  const { rows } = await pool.query<{ kind: string; recipient: string | null; created_at: Date; sent_at: Date | null }>(
    `select kind, recipient, created_at, sent_at from direct_messages where thread = any($1) and handed_over_at is null
     order by created_at desc limit ${MAX_ROWS}`,
    [threads.map((n) => `${alertActor(alertKey)}:${n}`)],
  );
  return rows.map(({ kind, recipient, created_at, sent_at }) => ({
    kind,
    recipient,
    created_at: created_at.toISOString(),
    sent_at: sent_at?.toISOString() ?? null,
  }));
}

async function escalatesAt(pool: Pick<Pool, 'query'>, alertKey: string): Promise<string | null> {
  const { rows } = await pool.query<{ due_at: Date }>(
    'select due_at from timers where actor_id = $1 and timer_id = $2',
    [alertActor(alertKey), ESCALATION_TIMER],
  );
  return rows[0]?.due_at.toISOString() ?? null;
}

/** Newest first. A ticket belongs to the last period that had begun when the ticket was asked for. */
function periodsFrom(steps: readonly Step[], tickets: readonly Ticket[]): AlertPeriod[] {
  const periods: (AlertPeriod & { from: number })[] = [];
  for (const { at, opens } of steps) {
    const current = periods.at(-1);
    if (opens) periods.push({ from: at.getTime(), began_at: at.toISOString(), ended_at: null, tickets: [] });
    else if (current?.ended_at === null) current.ended_at = at.toISOString();
    // The first known step may end a period whose beginning is no longer in the history.
    else periods.push({ from: 0, began_at: null, ended_at: at.toISOString(), tickets: [] });
  }
  for (const { ticket, at } of tickets) periods.findLast(({ from }) => from <= at.getTime())?.tickets.push(ticket);
  return periods
    .reverse()
    .slice(0, MAX_ROWS)
    .map(({ from: _, ...period }) => period);
}

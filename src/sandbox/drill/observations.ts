import type { Pool } from 'pg';
import { IS_ACTIVE } from '../../actors/projections/alert.ts';
import type { SandboxFreeScout } from '../freescout/sandboxFreeScout.ts';
import type { SandboxSlack } from '../slack/sandboxSlack.ts';
import { until } from './expectations.ts';
import { type OutageRecord, readOutageRecords } from './outageRecords.ts';

/** What a drill observes: tickets in FreeScout, messages in Slack, rows of the audit log. */
export interface Observations {
  /** Ids of the tickets that have all of the tags, oldest first. */
  tickets(...tags: string[]): number[];
  /** Conversations of the operations mailbox, tagged or not. */
  ticketCount(): number;
  /** Texts of the direct messages that start a thread. */
  openings(): string[];
  /** All direct messages, with their text and blocks. */
  messages(): string[];
  /** Bodies of the umbrella tickets, notes included. */
  stormTexts(): string[];
  /** Number of audit rows with this action and all these payload fields, by one actor or by any. */
  audited(action: string, payload?: Record<string, unknown>, by?: string): Promise<number>;
  /** Number of active alerts. */
  activeAlerts(): Promise<number>;
  /** What the program recorded about each surface. */
  outageRecords(): Promise<OutageRecord[]>;
  /** Waits until the surface has been checked that many more times. */
  moreChecks(surfaceId: string, times: number): Promise<void>;
}

export function createObservations(deps: {
  pool: Pool;
  freescout: SandboxFreeScout;
  slack: SandboxSlack;
}): Observations {
  const { pool, freescout, slack } = deps;
  const here = () => freescout.state.tickets.filter(({ mailboxId }) => mailboxId === freescout.operationsMailboxId);

  async function count(sql: string, values: unknown[]): Promise<number> {
    const { rows } = await pool.query<{ n: number }>(sql, values);
    return rows[0]?.n ?? 0;
  }

  const checks = (surfaceId: string) =>
    count('select count(*)::int as n from checks where surface_id = $1', [surfaceId]);

  return {
    tickets: (...tags) =>
      here()
        .filter((ticket) => tags.every((tag) => ticket.tags.includes(tag)))
        .map(({ id }) => id),
    ticketCount: () => here().length,
    openings: () => slack.state.messages.filter(({ thread_ts }) => thread_ts === null).map(({ text }) => text),
    messages: () => slack.state.messages.map(({ text, blocks }) => text + JSON.stringify(blocks)),
    stormTexts: () =>
      here()
        .filter(({ subject }) => subject.includes('STORM: '))
        .flatMap(({ threads }) => threads.map(({ body }) => body)),
    audited: (action, payload = {}, by) =>
      count(
        'select count(*)::int as n from audit_log where action = $1 and payload @> $2 and actor = coalesce($3, actor)',
        [action, JSON.stringify(payload), by ?? null],
      ),
    activeAlerts: () => count(`select count(*)::int as n from actors a where kind = 'alert' and ${IS_ACTIVE}`, []),
    outageRecords: () => readOutageRecords(pool),
    async moreChecks(surfaceId, times) {
      const wanted = (await checks(surfaceId)) + times;
      await until(`${surfaceId} is checked ${times} times`, async () => (await checks(surfaceId)) >= wanted);
    },
  };
}

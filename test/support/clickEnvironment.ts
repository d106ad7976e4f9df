import { startEnvironment } from './environment.ts';

/** What tests about operators' clicks share. */

export type Environment = Awaited<ReturnType<typeof startEnvironment>>;
export type Process = ReturnType<Environment['process']>;
type Answer = Awaited<ReturnType<Process['investigate']>>;

/** A house in which alerts file nothing, so that whatever stands on the help desk comes from clicks. */
export const startClickEnvironment = (env: Record<string, string> = {}): Promise<Environment> =>
  startEnvironment({ FLAG_CONSOLE_ALERTS_AUTO_TICKET: '0', ...env });

/** Checks the surface until it shows what the last outcome means. Raises no alert. */
export async function reportChecks(
  { deliver }: Process,
  id: string,
  ...outcomes: ('up' | 'slow' | 'down')[]
): Promise<void> {
  const policy = { failuresToOpen: 1, successesToClose: 1, severity: { degraded: null, down: null } };
  for (const outcome of outcomes) {
    const error = outcome === 'up' ? null : 'HTTP 500';
    await deliver([
      { to: `surface:${id}`, event: { type: 'CHECKED', outcome, error, name: `Surface ${id}`, ...policy } },
    ]);
  }
}

/** A click that must end with a ticket. */
export async function filed(answer: Answer | Promise<Answer>) {
  const body = await answer;
  if (body.degraded) throw new Error(`no ticket was filed: ${body.reason}`);
  return body;
}

/** A click that must end without one. */
export async function refusal(answer: Answer | Promise<Answer>) {
  const body = await answer;
  if (!body.degraded) throw new Error(`ticket ${body.ticket_id} was answered`);
  return body;
}

/** All tickets about a surface that we filed, wherever they are now, eldest first. */
export const ticketsAbout = ({ desk }: Environment, id: string) =>
  desk.state.tickets.filter(({ subject }) => subject.startsWith('[AT-') && subject.endsWith(`(${id})`));

/** The text with which a ticket was opened. */
export const bodyOf = ({ desk }: Environment, ticketId: number): string =>
  desk.state.tickets.find(({ id }) => id === ticketId)?.threads[0]?.body ?? '';

export const notesOn = ({ desk }: Environment, ticketId: number): string[] =>
  (desk.state.tickets.find(({ id }) => id === ticketId)?.threads ?? [])
    .filter(({ type }) => type === 'note')
    .map(({ body }) => body);

/** Moves the instant at which a ticket was filed into the past, by the database's clock. */
export async function backdateFiling({ pool }: Environment, ticketId: number, seconds: number): Promise<void> {
  const { rowCount } = await pool.query(
    "update filings set filed_at = clock_timestamp() - $2 * interval '1 second' where ticket_id = $1",
    [ticketId, seconds],
  );
  if (rowCount !== 1) throw new Error(`no filing has ticket ${ticketId}`);
}

export async function auditAbout(house: Environment, id: string) {
  const rows = await house.audit('console.status.ticket_filed');
  return rows.filter(({ payload }) => payload.surface_id === id);
}

export const POSTS = { method: 'POST', path: '^/api/conversations$' };
export const SEARCHES = { method: 'GET', path: '^/api/conversations$' };
export const TAGGING = { method: 'PUT', path: '/tags$' };

/** How often a ticket about this surface was posted, whether or not anything came of it. */
export const postsAbout = ({ desk }: Environment, id: string): number =>
  desk.state.requests.filter(
    ({ method, url, body }) => method === 'POST' && url === '/api/conversations' && body.includes(`(${id})`),
  ).length;

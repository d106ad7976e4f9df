import { startEnvironment } from './environment.ts';

export type Environment = Awaited<ReturnType<typeof startEnvironment>>;
export type Process = ReturnType<Environment['process']>;
type Answer = Awaited<ReturnType<Process['investigate']>>;

/** An environment in which alerts file no tickets, so that every ticket comes from a click on Investigate. */
export const startClickEnvironment = (env: Record<string, string> = {}): Promise<Environment> =>
  startEnvironment({ FLAG_CONSOLE_ALERTS_AUTO_TICKET: '0', ...env });

/** Reports check results for a surface; one is enough to change its status. They raise no alert. */
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

/** Throws unless the click was answered with a ticket. */
export async function filed(answer: Answer | Promise<Answer>) {
  const body = await answer;
  if (body.degraded) throw new Error(`no ticket was filed: ${body.reason}`);
  return body;
}

/** Throws unless the click was answered without a ticket. */
export async function refusal(answer: Answer | Promise<Answer>) {
  const body = await answer;
  if (!body.degraded) throw new Error(`the click was answered with ticket ${body.ticket_id}`);
  return body;
}

/** All tickets that the program filed about a surface, in any mailbox and state, oldest first. */
export const ticketsAbout = ({ desk }: Environment, id: string) =>
  desk.state.tickets.filter(({ subject }) => subject.startsWith('[AT-') && subject.endsWith(`(${id})`));

/** The first message of a ticket. */
export const bodyOf = ({ desk }: Environment, ticketId: number): string =>
  desk.state.tickets.find(({ id }) => id === ticketId)?.threads[0]?.body ?? '';

export const notesOn = ({ desk }: Environment, ticketId: number): string[] =>
  (desk.state.tickets.find(({ id }) => id === ticketId)?.threads ?? [])
    .filter(({ type }) => type === 'note')
    .map(({ body }) => body);

export async function auditAbout(environment: Environment, id: string) {
  const rows = await environment.audit('console.status.ticket_filed');
  return rows.filter(({ payload }) => payload.surface_id === id);
}

export const POSTS = { method: 'POST', path: '^/api/conversations$' };
export const SEARCHES = { method: 'GET', path: '^/api/conversations$' };
export const TAGGING = { method: 'PUT', path: '/tags$' };

/** How many requests to create a ticket about this surface reached FreeScout, successful or not. */
export const postsAbout = ({ desk }: Environment, id: string): number =>
  desk.state.requests.filter(
    ({ method, url, body }) => method === 'POST' && url === '/api/conversations' && body.includes(`(${id})`),
  ).length;

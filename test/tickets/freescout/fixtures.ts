import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Config } from '../../../src/config/config.ts';
import { createFreeScout } from '../../../src/tickets/freescout/client.ts';
import { TicketError } from '../../../src/tickets/port.ts';

export const BASE = 'https://tickets.example.com';
export const KEY = '0123456789abcdef0123456789abcdef';
export const MAILBOX = 3;

function settings(changes: Partial<Config['freescout']> = {}): Config['freescout'] {
  return {
    baseUrl: BASE,
    apiKey: KEY,
    operationsMailboxId: MAILBOX,
    supportMailboxId: null,
    botEmail: 'console-bot@example.com',
    userId: 7,
    webhookSecret: null,
    timeoutMs: 2000,
    inDoubtSeconds: 120,
    concurrency: 4,
    ...changes,
  };
}

/** A desk, with every warning it logs and every call it measures. */
export function aDesk(changes: Partial<Config['freescout']> = {}) {
  const warnings: { facts: Record<string, unknown>; line: string }[] = [];
  const calls: [verb: string, outcome: string][] = [];
  const warn = (facts: Record<string, unknown>, line: string) => void warnings.push({ facts, line });
  const metrics = { onCall: (verb: string, outcome: string) => void calls.push([verb, outcome]) };
  const desk = createFreeScout(settings(changes), { log: { warn: warn as Logger['warn'] }, metrics });
  return { desk, warnings, calls };
}

/** A conversation as FreeScout writes it; `tags: null` leaves them out, as without the Tags module. */
export function aConversation({ tags = [], ...changes }: Record<string, unknown> & { tags?: string[] | null } = {}) {
  return {
    id: 412,
    number: 412,
    threadsCount: 1,
    type: 'email',
    folderId: 9,
    status: 'active',
    state: 'published',
    subject: '[AT-9F3C2A71QZ] DOWN: API (api-prod)',
    preview: '',
    mailboxId: MAILBOX,
    assignee: null,
    createdAt: '2026-11-22T03:00:00Z',
    updatedAt: '2026-11-22T03:05:00Z',
    closedAt: null,
    customer: {
      id: 5,
      type: 'customer',
      firstName: 'Console',
      lastName: 'bot',
      photoUrl: '',
      email: 'console-bot@example.com',
    },
    _embedded: {
      threads: [],
      ...(tags === null ? {} : { tags: tags.map((name, index) => ({ id: index + 1, name })) }),
    },
    ...changes,
  };
}

/** A page of a list as FreeScout writes it. */
export function aPage(name: string, rows: unknown[], page: { number?: number; totalPages?: number } = {}) {
  return {
    _embedded: { [name]: rows },
    page: { size: 50, totalElements: rows.length, totalPages: 1, number: 1, ...page },
  };
}

export function refused(path: string, message: string) {
  return { message: 'Error occurred', _embedded: { errors: [{ path, message, source: 'JSON' }] } };
}

export const NOT_FOUND = { message: 'Not Found', _embedded: { errors: [] } };

/** The TicketError that the call ends in; anything else fails the test. */
export async function failure(call: Promise<unknown>): Promise<TicketError> {
  const end = await call.then(
    () => 'It succeeded.',
    (error: unknown) => error,
  );
  if (!(end instanceof TicketError)) throw new Error(`No TicketError: ${String(end)}`);
  return end;
}

/** A server on loopback that behaves as told. */
export async function aServer(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    server,
    baseUrl: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

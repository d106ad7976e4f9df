import type { Config } from '../../config/config.ts';
import { FREESCOUT_NEEDS, unsetOf } from '../../config/notConfigured.ts';
import type { Outgoing } from '../../net/outgoing.ts';
import { type ChangeFeed, type HelpDesk, type SupportDesk, TicketError } from '../port.ts';
import { createAuthor } from './author.ts';
import { changedTickets } from './changes.ts';
import { createTicket, openTickets, openTicketsByTags, ticketById, ticketsByMarker } from './conversations.ts';
import { customerTickets } from './customerTickets.ts';
import { createInstrument, type InstrumentDeps } from './instrument.ts';
import { addInternalNote, hasInternalNote, lastReply } from './notes.ts';
import { runPreflight } from './preflight.ts';
import { createRequestQueue } from './requestQueue.ts';
import { createApi } from './responses.ts';
import { addMissingTags } from './tags.ts';
import { createTransport } from './transport.ts';

/** The page of a customer must answer within 5 s, so FreeScout's part of it gets less. */
const CUSTOMER_BUDGET_MS = 4000;

/**
 * FreeScout through its API & Webhooks module. Operations throw only TicketError, send no request twice, and throw
 * `not_configured` while base URL, key or mailbox is unset. Only `create` and `addNote` can be in doubt.
 */
export function createFreeScout(
  settings: Config['freescout'],
  deps: InstrumentDeps & { outgoing?: Outgoing },
): HelpDesk & SupportDesk & ChangeFeed {
  const run = createInstrument(deps);
  const url = (id: number) => `${settings.baseUrl?.replace(/\/+$/, '') ?? ''}/conversation/${id}`;
  const connection = connect(settings, deps.outgoing);

  function connected() {
    if (connection === null) throw notConfigured(settings);
    return connection;
  }

  function operations() {
    if (settings.operationsMailboxId === null) throw notConfigured(settings);
    return { ...connected(), settings, operationsMailboxId: settings.operationsMailboxId, url };
  }

  function support() {
    // Without either mailbox, customers' tickets cannot be distinguished from our own.
    if (settings.supportMailboxId === null && settings.operationsMailboxId === null) throw notConfigured(settings);
    return { ...connected(), settings, url };
  }

  return {
    async inTurn({ urgent = false, patient, page, signal, timeoutMs }, work) {
      let hasBegun = false;
      const inside = () => {
        hasBegun = true;
        return work({ hasTurn: true });
      };
      // Its calls throw `not_configured`.
      if (connection === null) return inside();
      try {
        const wait = { signal, ms: timeoutMs, late: noTurn };
        return await connection.queue.runToEnd({ urgent, patient, page }, wait, inside);
      } catch (error) {
        // Only a click has a limit for its wait. No call reports that, so it is reported as the creation that it was for.
        if (!hasBegun && error instanceof TicketError) return run('create', undefined, () => Promise.reject(error));
        throw error;
      }
    },
    create: (ticket, options) =>
      run('create', options, async (call) => {
        const id = await createTicket(operations(), ticket, call);
        return { id, url: url(id) };
      }),
    findByMarker: (marker, since, options) =>
      run('findByMarker', options, async (call) => ticketsByMarker(operations(), marker, since, call)),
    findOpenByTags: (tags, since, options) =>
      run('findOpenByTags', options, async (call) => openTicketsByTags(operations(), tags, since, call)),
    get: (id, options) => run('get', options, async (call) => ticketById(operations(), id, call), id),
    lastReply: (id, options) => run('lastReply', options, async (call) => lastReply(operations().api, id, call), id),
    changedSince: (since, pages, options) =>
      run('changedSince', options, async (call) => changedTickets(operations(), { since, pages }, call)),
    listOpen: (options) => run('listOpen', options, async (call) => openTickets(operations(), call)),
    ensureTags: (id, tags, options) =>
      run('ensureTags', options, async (call) => addMissingTags(operations().api, id, tags, call), id),
    addNote: (id, note, options) =>
      run('addNote', options, async (call) => addInternalNote(operations(), id, note, call), id),
    hasNote: (id, marker, options) =>
      run('hasNote', options, async (call) => hasInternalNote(operations().api, id, marker, call), id),
    url,
    preflight: (options) =>
      run('preflight', options, async (call) => {
        const { api, author, operationsMailboxId } = operations();
        await runPreflight({ api, author, mailboxId: operationsMailboxId }, call);
      }),
    ticketsOf: (customer, options) => {
      const timeoutMs = Math.min(options?.timeoutMs ?? CUSTOMER_BUDGET_MS, CUSTOMER_BUDGET_MS);
      return run('ticketsOf', { ...options, timeoutMs }, async (call) => customerTickets(support(), customer, call));
    },
  };
}

/** Null while base URL or key is unset. */
function connect(settings: Config['freescout'], outgoing: Outgoing | undefined) {
  const { baseUrl, apiKey: first, timeoutMs, concurrency, userId } = settings;
  if (baseUrl === null || first === null) return null;
  const queue = createRequestQueue(concurrency);
  const transport = createTransport({
    ...{ baseUrl, timeoutMs, concurrency, queue, outgoing },
    get apiKey() {
      return settings.apiKey ?? first;
    },
  });
  const api = createApi(transport);
  return { queue, api, author: createAuthor(api, userId) };
}

const noTurn = (): TicketError =>
  new TicketError('unavailable', 'The other calls to FreeScout left no time for this one.', { code: 'ETIMEDOUT' });

function notConfigured(settings: Config['freescout']): TicketError {
  const unset = unsetOf(FREESCOUT_NEEDS, settings);
  return new TicketError('not_configured', `FreeScout is not connected: ${unset.join(' and ')} must be set.`);
}

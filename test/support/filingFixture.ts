import type { FilingRequest } from '../../machines/shared/protocol.ts';
import { createLog } from '../../src/log/log.ts';
import type { Admission } from '../../src/tickets/admission.ts';
import { createFilingProtocol, type FilingDeps } from '../../src/tickets/filing.ts';
import { recordIntents } from '../../src/tickets/filingIntents.ts';
import { createFilingStore, type Filing } from '../../src/tickets/filingStore.ts';
import { type HelpDesk, type NewTicket, type Ticket, TicketError } from '../../src/tickets/port.ts';
import { createTestDatabase } from './db.ts';
import { trustedClock } from './trustedClock.ts';

/** The surroundings of the filing protocol: a real database, and a FreeScout in memory that tests can make fail. */
export async function startFilingFixture() {
  const database = await createTestDatabase();
  const tickets: Ticket[] = [];
  let filings = 0;
  let posts = 0;
  let stored: Filing[] = [];

  function stands({ subject }: Pick<NewTicket, 'subject'>, changes: Partial<Ticket> = {}): Ticket {
    const at = new Date();
    const id = tickets.length + 1;
    const facts = { id, url: urlOf(id), subject, createdAt: at, updatedAt: at, assignee: null };
    const ticket: Ticket = { ...facts, status: 'active', open: true, tags: [], ...changes };
    tickets.push(ticket);
    return ticket;
  }

  const desk: HelpDesk = {
    async create(ticket) {
      posts += 1;
      return stands(ticket);
    },
    findByMarker: async (marker) => tickets.filter(({ subject }) => subject.includes(marker)),
    findOpenByTags: async () => tickets.filter(({ open }) => open),
    async get(id) {
      const found = tickets.find((ticket) => ticket.id === id);
      if (!found) throw new TicketError('not_found', 'gone');
      return found;
    },
    lastReply: async () => null,
    listOpen: async () => tickets,
    ensureTags: async () => undefined,
    addNote: async () => undefined,
    hasNote: async () => false,
    url: urlOf,
    inTurn: (_options, work) => work({ hasTurn: true }),
    preflight: async () => undefined,
  };

  return {
    pool: database.pool,
    url: database.url,
    drop: database.drop,
    tickets,
    stands,
    posts: () => posts,

    /** The filing protocol of one process. `changes` replace methods of its FreeScout. */
    protocol: (
      changes: Partial<HelpDesk> = {},
      admission: Admission = async (filings) => filings.map(() => null),
      more: Partial<Pick<FilingDeps, 'awaitsSuccess' | 'store' | 'takeNew' | 'time'>> = {},
    ) =>
      createFilingProtocol({
        store: createFilingStore(database.pool, trustedClock),
        desk: { ...desk, ...changes },
        admission,
        awaitsSuccess: async () => false,
        settings: { timeoutMs: 2_000, inDoubtSeconds: 60 },
        consoleUrl: 'https://console.example.com',
        log: createLog({ level: 'silent' }),
        ...more,
      }),

    /** Records a planned filing and resolves with its id. */
    async intends(path: 'investigate' | 'alert', deadlineInMs: number | null = null): Promise<string> {
      const filingId = `filing-${++filings}`;
      const deadlineAt = deadlineInMs === null ? null : new Date(Date.now() + deadlineInMs).toISOString();
      const request = path === 'alert' ? { ...ALERT, alertKey: filingId } : { ...CLICK, surfaceId: filingId };
      const intent = { filingId, subjectKey: filingId, source: 'prom', deadlineAt, request, actorId: 'x:y' };
      stored = await recordIntents(database.pool, [intent]);
      return filingId;
    },

    /** What the last call of `intends` stored. */
    lastStored: () => stored[0],

    rowOf: async (id: string) =>
      (await database.pool.query('select phase, attempts, ticket_id from filings where id = $1', [id])).rows[0],

    attemptedAgo: (id: string, seconds: number) =>
      database.pool.query(
        "update filings set attempted_at = clock_timestamp() - $2 * interval '1 second' where id = $1",
        [id, seconds],
      ),
  };
}

export type FilingFixture = Awaited<ReturnType<typeof startFilingFixture>>;

/** The first run of an effect. */
export const FIRST_RUN = { probe: false, signal: new AbortController().signal };

/** The error after a request whose answer was lost. */
export const lostAnswer = () => new TicketError('unavailable', 'no answer', { inDoubt: true, code: 'ETIMEDOUT' });

const urlOf = (id: number) => `https://desk.example.com/conversation/${id}`;

const CLICK: FilingRequest = {
  path: 'investigate',
  surfaceId: '',
  surfaceName: 'API',
  status: 'DOWN',
  since: null,
  by: 'olga',
};

const ALERT: FilingRequest = {
  path: 'alert',
  alertKey: '',
  source: 'prom',
  severity: 'P1',
  title: 'Trouble',
  details: null,
  url: null,
  surfaceId: null,
  surfaceName: null,
  since: '2026-05-05T14:32:17.000Z',
};

import { type CallOptions, type HelpDesk, type Ticket, TicketError } from '../../src/tickets/port.ts';
import type { Clock, Owner } from './clock.ts';

/** A model of FreeScout, its failures, and what people do to tickets. */

export interface FreeScoutTicket {
  id: number;
  subject: string;
  /** Its body, then its notes. */
  texts: { at: number; html: string }[];
  tags: Set<string>;
  state: 'open' | 'closed' | 'trashed' | 'deleted';
  /** When a person closed it or worse. */
  endedAt: number | null;
  /** A person removed its tags. */
  untagged: boolean;
  createdAt: number;
  /** It was created when its attempt was no longer in doubt, so another one may have been filed in its place. */
  stray: boolean;
}

export type Verb = 'create' | 'tag' | 'note' | 'look';

/**
 * How the next call of a verb fails. `refused`: certainly not done. `rejected`: not done, and a retry cannot help.
 * `vanishes`: not done and no response. `lost`: done and no response. `late`: done long after the caller has hung up.
 * `slow`: done and answered after `ms`.
 */
export interface FreeScoutFault {
  on: Verb;
  how: 'refused' | 'rejected' | 'vanishes' | 'lost' | 'late' | 'slow';
  ms: number;
}

/** Tickets that FreeScout always rejects, by their subject: those of the first alert, or all umbrella tickets. */
export const POISONS = { alert: /aaaa/, umbrella: /STORM/ } as const;
export type Poison = keyof typeof POISONS;

export type Person = 'close' | 'trash' | 'delete' | 'untag';

const WIRE_MS = 20;
const TIMEOUT_MS = 10_000;
/** A little less than the program's setting, which counts from the commit of the attempt. */
const IN_DOUBT_MS = 115_000;

export function createFreeScout(clock: Clock) {
  const tickets: FreeScoutTicket[] = [];
  const faults: FreeScoutFault[] = [];
  const state: { up: boolean; landing: number; poison: Poison | null } = { up: true, landing: 0, poison: null };

  /** One request of one process. It takes effect even if the process no longer waits. */
  function call<T>(
    owner: Owner,
    verb: Verb,
    { signal, timeoutMs = TIMEOUT_MS }: CallOptions,
    effect: () => T,
  ): Promise<T> {
    const at = faults.findIndex(({ on }) => on === verb);
    const fault = state.up ? faults.splice(at, at < 0 ? 0 : 1)[0] : undefined;
    const how = state.up ? fault?.how : 'refused';
    const mayExist = verb === 'create' || verb === 'note';
    const failure = (inDoubt: boolean) =>
      new TicketError('unavailable', `FreeScout: ${how ?? 'aborted'}`, { inDoubt: inDoubt && mayExist });
    if (signal?.aborted) return Promise.reject(failure(false));

    return new Promise((resolve, reject) => {
      const answer = (ms: number, settle: () => void) => clock.wake(ms, owner, settle);
      const stop = () => answer(0, () => reject(failure(true)));
      signal?.addEventListener('abort', stop, { once: true });
      if (how === 'refused') return answer(WIRE_MS, () => reject(failure(false)));
      if (how === 'rejected') return answer(WIRE_MS, () => reject(rejection()));
      answer(timeoutMs, () => reject(failure(true)));
      if (how === 'vanishes') return;
      const takes = how === 'late' || how === 'slow' ? (fault?.ms ?? 0) : WIRE_MS;
      state.landing += 1;
      clock.in(takes, null, () => {
        state.landing -= 1;
        try {
          const value = effect();
          if (how !== 'lost' && how !== 'late') answer(WIRE_MS, () => resolve(value));
        } catch (error) {
          answer(WIRE_MS, () => reject(error as Error));
        }
      });
    });
  }

  const url = (id: number) => `https://tickets.example.com/conversation/${id}`;

  const shown = (ticket: FreeScoutTicket): Ticket => ({
    id: ticket.id,
    url: url(ticket.id),
    subject: ticket.subject,
    status: ticket.state === 'open' ? 'active' : ticket.state === 'closed' ? 'closed' : 'gone',
    open: ticket.state === 'open',
    tags: [...ticket.tags],
    createdAt: new Date(ticket.createdAt),
    updatedAt: new Date(ticket.createdAt),
    assignee: null,
  });

  const existing = (): FreeScoutTicket[] => tickets.filter(({ state: is }) => is !== 'deleted');

  function existingTicket(id: number): FreeScoutTicket {
    const ticket = existing().find((each) => each.id === id);
    if (!ticket) throw new TicketError('not_found', 'it was deleted');
    return ticket;
  }

  /** The client of one process. */
  const adapter = (owner: Owner): HelpDesk => ({
    create: ({ subject, html }, options = {}) => {
      const sentAt = clock.now();
      return call(owner, 'create', options, () => {
        const id = 401 + tickets.length;
        const createdAt = clock.now();
        if (state.poison !== null && POISONS[state.poison].test(subject)) throw rejection();
        tickets.push({
          id,
          subject,
          texts: [{ at: createdAt, html }],
          tags: new Set(),
          state: 'open',
          endedAt: null,
          untagged: false,
          createdAt,
          stray: createdAt - sentAt > IN_DOUBT_MS,
        });
        return { id, url: url(id) };
      });
    },
    findByMarker: (marker, _since, options = {}) =>
      call(owner, 'look', options, () =>
        existing()
          .filter(({ subject }) => subject.includes(marker))
          .map(shown),
      ),
    findOpenByTags: (tags, _since, options = {}) =>
      call(owner, 'look', options, () =>
        existing()
          .filter((ticket) => ticket.state === 'open' && tags.every((tag) => ticket.tags.has(tag)))
          .map(shown)
          .reverse(),
      ),
    get: (id, options = {}) =>
      call(owner, 'look', options, () => {
        const ticket = tickets.find((each) => each.id === id);
        if (!ticket) throw new TicketError('not_found', 'it never existed');
        return shown(ticket);
      }),
    lastReply: (_id, options = {}) => call(owner, 'look', options, () => null),
    listOpen: (options = {}) => call(owner, 'look', options, () => existing().map(shown)),
    ensureTags: (id, tags, options = {}) =>
      call(owner, 'tag', options, () => {
        const ticket = existingTicket(id);
        for (const tag of tags) ticket.tags.add(tag);
      }),
    addNote: (id, { marker, html }, options = {}) =>
      call(owner, 'note', options, () => {
        existingTicket(id).texts.push({ at: clock.now(), html: `${marker} ${html}` });
      }),
    hasNote: (id, marker, options = {}) =>
      call(owner, 'look', options, () => existingTicket(id).texts.some(({ html }) => html.startsWith(`${marker} `))),
    url,
    inTurn: (_options, work) => work({ hasTurn: true }),
    preflight: async () => undefined,
  });

  return {
    state,
    tickets,
    faults,
    adapter,
    /** A ticket of a click from before this console lost its database. */
    lostTicket(): void {
      tickets.push({
        id: 401 + tickets.length,
        subject: `[AT-LOST${String(tickets.length).padStart(6, '0')}] DOWN: API (api)`,
        texts: [],
        tags: new Set(['auto:status', 'auto:status:api']),
        state: 'open',
        endedAt: null,
        untagged: false,
        createdAt: clock.now(),
        stray: false,
      });
    },
    /** Does what a person does to a ticket. `pick` counts from the newest. */
    person(act: Person, pick: number): void {
      const ticket = existing().at(-1 - pick);
      if (!ticket) return;
      if (act === 'untag') {
        ticket.tags.clear();
        ticket.untagged = true;
      } else {
        ticket.state = act === 'close' ? 'closed' : act === 'trash' ? 'trashed' : 'deleted';
        ticket.endedAt ??= clock.now();
      }
    },
  };
}

/** A ticket of a click of which this console has no record. */
export const isLost = ({ subject }: FreeScoutTicket): boolean => subject.startsWith('[AT-LOST');

/** The request itself is at fault. */
const rejection = (): TicketError => new TicketError('rejected', 'FreeScout: rejected', { httpStatus: 422 });

export type FreeScout = ReturnType<typeof createFreeScout>;

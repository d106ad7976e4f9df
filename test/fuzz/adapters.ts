import type { Config } from '../../src/config/config.ts';
import type { Log } from '../../src/log/log.ts';
import { MessageError } from '../../src/notify/port.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { createRandom, type Random } from '../faults/random.ts';
import { text } from './draw.ts';

/** How an adapter handled a response. */
export interface Verdict {
  route: string;
  /** `ok`, or the problem that the adapter reported. */
  outcome: string;
  /** What the adapter did wrong, or null. */
  fault: string | null;
}

const TIMEOUT_MS = 100;
/** A verb may send several requests, and the machine may be busy. */
const DEADLINE_MS = 30_000;
const MARKER = 'AT-0123456789';

type Verb = (signal: AbortSignal) => Promise<unknown>;

/** Returns a function that calls a random verb of an adapter against the rogue server, as input `n`. */
export function createAdapters(options: { seed: number; url: string; freescout: Config['freescout']; log: Log }) {
  const { seed, url, log } = options;

  function freescout(n: number, random: Random): [string, Verb] {
    const helpdesk = createFreeScout({ ...options.freescout, baseUrl: `${url}/n${n}`, timeoutMs: TIMEOUT_MS }, { log });
    const since = new Date('2026-05-05T14:00:00Z');
    const verbs: Record<string, Verb> = {
      create: async (signal) => {
        const { id, url: at } = await helpdesk.create(
          { subject: `[${MARKER}] ${text(random)}`, html: text(random) },
          { signal },
        );
        if (!Number.isSafeInteger(id) || id < 1 || !at.endsWith(`/${id}`))
          throw new Error(`created ticket ${id} at ${at}`);
      },
      findByMarker: async (signal) => {
        for (const { subject } of await helpdesk.findByMarker(MARKER, since, { signal }))
          if (!subject.includes(MARKER)) throw new Error('found a ticket without the marker');
      },
      findOpenByTags: async (signal) => {
        for (const { open, tags } of await helpdesk.findOpenByTags(['auto:status'], since, { signal }))
          if (!open || !tags?.includes('auto:status')) throw new Error('found a ticket that does not match');
      },
      get: async (signal) => {
        const { id, open, status } = await helpdesk.get(412, { signal });
        if (id !== 412 || (open && status !== 'active' && status !== 'pending'))
          throw new Error('returned another ticket');
      },
      listOpen: async (signal) => {
        if ((await helpdesk.listOpen({ signal })).some(({ open }) => !open)) throw new Error('listed a closed ticket');
      },
      ensureTags: (signal) => helpdesk.ensureTags(412, ['auto:status', 'auto:status:api'], { signal }),
      addNote: (signal) => helpdesk.addNote(412, { marker: 'note:1', html: 'x' }, { signal }),
      hasNote: async (signal) => void (await helpdesk.hasNote(412, 'note:1', { signal })),
      preflight: (signal) => helpdesk.preflight({ signal }),
      ticketsOf: async (signal) => {
        const { open, recent } = await helpdesk.ticketsOf(
          { email: 'ada@customer.example', freescoutCustomerId: random.chance(0.5) ? 9 : null },
          { signal },
        );
        if ([...open, ...recent].some(({ subject }) => subject.includes(MARKER)))
          throw new Error('showed an operators’ ticket');
      },
    };
    const name = random.pick(Object.keys(verbs));
    return [`freescout ${name}`, verbs[name] as Verb];
  }

  function slack(n: number, random: Random): [string, Verb] {
    const messenger = createSlack(
      { botToken: 'xoxb-fuzz', dmUserId: 'U1', apiUrl: `${url}/n${n}/api/` },
      { log, timeoutMs: TIMEOUT_MS },
    );
    const message = {
      headline: text(random),
      facts: [{ label: text(random), value: text(random) }],
      links: [{ label: 'x', url: 'https://a.example/' }],
    };
    const sent = { channel: 'D1', ts: '1.2' };
    const verbs: Record<string, Verb> = {
      send: async (signal) => {
        const { channel, ts } = await messenger.send(message, 'marker', {
          signal,
          ...(random.chance(0.3) ? { replyTo: sent } : {}),
        });
        if (typeof channel !== 'string' || typeof ts !== 'string' || ts === '')
          throw new Error('returned no address of the sent message');
      },
      update: (signal) => messenger.update(sent, message, { signal }),
      find: (signal) => messenger.findByMarker('marker', { since: new Date(0), until: new Date() }, { signal }),
    };
    const name = random.pick(Object.keys(verbs));
    return [`slack ${name}`, verbs[name] as Verb];
  }

  return async (n: number): Promise<Verdict> => {
    const random = createRandom(`${seed} adapter ${n}`);
    const [route, verb] = random.chance(0.7) ? freescout(n, random) : slack(n, random);
    const abort = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    });
    try {
      await Promise.race([verb(abort.signal), late]);
      return { route, outcome: 'ok', fault: null };
    } catch (error) {
      if (error instanceof TicketError) {
        const fault = error.code === 'ERR_UNEXPECTED' ? `unexpected error: ${String(error.cause)}` : null;
        return { route, outcome: error.inDoubt ? 'in doubt' : error.problem, fault };
      }
      if (error instanceof MessageError)
        return {
          route,
          outcome: error.inDoubt ? 'in doubt' : error.retryable ? 'unavailable' : 'rejected',
          fault: null,
        };
      return {
        route,
        outcome: 'fault',
        fault: error instanceof Error ? (error.stack ?? error.message) : String(error),
      };
    } finally {
      clearTimeout(timer);
      abort.abort();
    }
  };
}

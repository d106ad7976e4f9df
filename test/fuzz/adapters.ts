import type { Config } from '../../src/config/config.ts';
import type { Log } from '../../src/log/log.ts';
import { MessageError } from '../../src/notify/port.ts';
import { createSlack } from '../../src/notify/slack/messenger.ts';
import { createFreeScout } from '../../src/tickets/freescout/client.ts';
import { TicketError } from '../../src/tickets/port.ts';
import { createRandom, type Random } from '../faults/random.ts';
import { text } from './draw.ts';

/** What an adapter made of an answer: `ok`, the problem that it named, or what is wrong with it. */
export interface Verdict {
  route: string;
  outcome: string;
  fault: string | null;
}

const TIMEOUT_MS = 100;
/** A verb may ask several times, and this machine does other things too. */
const DEADLINE_MS = 10_000;
const MARKER = 'AT-0123456789';

type Verb = (signal: AbortSignal) => Promise<unknown>;

/** Calls one verb of one adapter against the rogue server, as input `n`. */
export function createAdapters(given: { seed: number; url: string; freescout: Config['freescout']; log: Log }) {
  const { seed, url, log } = given;

  function freescout(n: number, random: Random): [string, Verb] {
    const desk = createFreeScout({ ...given.freescout, baseUrl: `${url}/n${n}`, timeoutMs: TIMEOUT_MS }, { log });
    const since = new Date('2026-05-05T14:00:00Z');
    const verbs: Record<string, Verb> = {
      create: async (signal) => {
        const { id, url: at } = await desk.create(
          { subject: `[${MARKER}] ${text(random)}`, html: text(random) },
          { signal },
        );
        if (!Number.isSafeInteger(id) || id < 1 || !at.endsWith(`/${id}`))
          throw new Error(`created ticket ${id} at ${at}`);
      },
      findByMarker: async (signal) => {
        for (const { subject } of await desk.findByMarker(MARKER, since, { signal }))
          if (!subject.includes(MARKER)) throw new Error('found a ticket without the marker');
      },
      findOpenByTags: async (signal) => {
        for (const { open, tags } of await desk.findOpenByTags(['auto:status'], since, { signal }))
          if (!open || !tags?.includes('auto:status')) throw new Error('found a ticket that does not fit');
      },
      get: async (signal) => {
        const { id, open, status } = await desk.get(412, { signal });
        if (id !== 412 || (open && status !== 'active' && status !== 'pending')) throw new Error('got another ticket');
      },
      listOpen: async (signal) => {
        if ((await desk.listOpen({ signal })).some(({ open }) => !open)) throw new Error('listed a closed ticket');
      },
      ensureTags: (signal) => desk.ensureTags(412, ['auto:status', 'auto:status:api'], { signal }),
      addNote: (signal) => desk.addNote(412, { marker: 'note:1', html: 'x', mayExist: random.chance(0.5) }, { signal }),
      preflight: (signal) => desk.preflight({ signal }),
      ticketsOf: async (signal) => {
        const { open, recent } = await desk.ticketsOf(
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
        if (typeof channel !== 'string' || typeof ts !== 'string' || ts === '') throw new Error('sent, but nowhere');
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
    const ending = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no end within ${DEADLINE_MS} ms`)), DEADLINE_MS);
    });
    try {
      await Promise.race([verb(ending.signal), late]);
      return { route, outcome: 'ok', fault: null };
    } catch (error) {
      if (error instanceof TicketError) {
        const fault = error.code === 'ERR_UNEXPECTED' ? `a fault of ours: ${String(error.cause)}` : null;
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
      ending.abort();
    }
  };
}

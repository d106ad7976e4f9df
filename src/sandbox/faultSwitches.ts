import { z } from 'zod';

export const FAULT_KINDS = [
  'status', // answers `status`
  'status_after', // does what was asked, then answers `status`
  'retry_after', // 429, or `status`, with a Retry-After of `retry_after`
  'hang', // never answers
  'delay', // waits `delay_ms`, then goes on
  'reset', // cuts the connection
  'half', // half of an answer, then cuts the connection
  'html200', // a web page with status 200
  'rubbish200', // valid JSON of an unexpected shape with status 200, or `body`
  'bad_json', // JSON that ends too early
  'redirect', // 302 to `location`
  'huge', // an answer of `bytes` bytes
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

// A form sends an empty text for a field that was left alone.
const unlessBlank = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  /** Before the request takes effect, or after. Default: before; for `half` and `status_after`: after. */
  when: unlessBlank(z.enum(['before', 'after'])),
  method: unlessBlank(z.string()),
  /** A regular expression, tried on the path alone and on the path with its query. */
  path: unlessBlank(z.string().refine(isPattern, 'is not a regular expression')),
  /** 0 to 1; default 1. */
  probability: unlessBlank(z.coerce.number().min(0).max(1)),
  /** How many requests it strikes before it is gone; default: all. */
  times: unlessBlank(z.coerce.number().int().min(1)),
  status: unlessBlank(z.coerce.number().int().min(200).max(599)),
  delay_ms: unlessBlank(z.coerce.number().min(0).max(600_000)),
  /** Seconds, or a date as HTTP writes it. */
  retry_after: unlessBlank(z.union([z.string(), z.number()])),
  body: unlessBlank(z.string()),
  location: unlessBlank(z.string()),
  bytes: unlessBlank(z.coerce.number().int().min(1).max(1_000_000_000)),
});

/** One thing that goes wrong, and for which requests. */
export interface FaultSpec {
  kind: FaultKind;
  when?: 'before' | 'after' | undefined;
  method?: string | undefined;
  path?: string | undefined;
  probability?: number | undefined;
  times?: number | undefined;
  status?: number | undefined;
  delay_ms?: number | undefined;
  retry_after?: string | number | undefined;
  body?: string | undefined;
  location?: string | undefined;
  bytes?: number | undefined;
}

export interface ActiveFault extends FaultSpec {
  id: string;
  /** How many requests it has struck. */
  hits: number;
}

export interface Faults {
  /** Answers the id. Throws a ZodError where the description makes no sense. */
  add(fault: FaultSpec): string;
  list(): ActiveFault[];
  remove(id: string): boolean;
  clear(): void;
  /** The faults that strike this request, in the order they were added: any delays, and at most one other at the end. */
  strike(method: string, url: string): ActiveFault[];
}

/** Reads a fault from JSON or from a form. Throws a ZodError. */
export function parseFault(value: unknown): FaultSpec {
  return faultSchema.parse(value) as FaultSpec;
}

/**
 * The faults of one sandbox. Those without a path strike only inside `scope`, so that the sandbox's
 * own pages stay usable while its interface is broken.
 */
export function createFaults({ scope, random = Math.random }: { scope: RegExp; random?: () => number }): Faults {
  let active: ActiveFault[] = [];
  let lastId = 0;

  function matches(fault: ActiveFault, method: string, url: string): boolean {
    if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
    const path = url.split('?', 1)[0] ?? url;
    const pattern = fault.path === undefined ? scope : new RegExp(fault.path);
    return (pattern.test(path) || pattern.test(url)) && random() < (fault.probability ?? 1);
  }

  return {
    add(fault) {
      lastId += 1;
      const id = String(lastId);
      active.push({ ...parseFault(fault), id, hits: 0 });
      return id;
    },
    list: () => active.map((fault) => ({ ...fault })),
    remove(id) {
      const before = active.length;
      active = active.filter((fault) => fault.id !== id);
      return active.length < before;
    },
    clear() {
      active = [];
    },
    strike(method, url) {
      const struck: ActiveFault[] = [];
      for (const fault of active) {
        if (!matches(fault, method, url)) continue;
        fault.hits += 1;
        struck.push({ ...fault });
        if (fault.kind !== 'delay') break;
      }
      active = active.filter((fault) => fault.times === undefined || fault.hits < fault.times);
      return struck;
    },
  };
}

function isPattern(source: string): boolean {
  try {
    return new RegExp(source) instanceof RegExp;
  } catch {
    return false;
  }
}

import { z } from 'zod';

export const FAULT_KINDS = [
  'status', // responds with `status`
  'status_after', // processes the request, then responds with `status`
  'retry_after', // 429, or `status`, with a Retry-After of `retry_after`
  'hang', // never responds
  'delay', // waits `delay_ms`, then continues
  'reset', // resets the connection
  'half', // sends half of the response, then closes the connection
  'html200', // an HTML page with status 200
  'rubbish200', // valid JSON of an unexpected shape with status 200, or `body`
  'bad_json', // truncated JSON
  'redirect', // 302 to `location`
  'huge', // a response of `bytes` bytes
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

// A form sends an empty string for a field that was not filled in.
const unlessBlank = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

const faultSchema = z.strictObject({
  kind: z.enum(FAULT_KINDS),
  /** Before or after the request is processed. Default: before; for `half` and `status_after`: after. */
  when: unlessBlank(z.enum(['before', 'after'])),
  method: unlessBlank(z.string()),
  /** A regular expression, matched against the path and against the path with its query. */
  path: unlessBlank(z.string().refine(isPattern, 'is not a regular expression')),
  /** 0 to 1; default 1. */
  probability: unlessBlank(z.coerce.number().min(0).max(1)),
  /** The number of requests it applies to before it is removed; default: all. */
  times: unlessBlank(z.coerce.number().int().min(1)),
  status: unlessBlank(z.coerce.number().int().min(200).max(599)),
  delay_ms: unlessBlank(z.coerce.number().min(0).max(600_000)),
  /** Seconds, or an HTTP date. */
  retry_after: unlessBlank(z.union([z.string(), z.number()])),
  body: unlessBlank(z.string()),
  location: unlessBlank(z.string()),
  bytes: unlessBlank(z.coerce.number().int().min(1).max(1_000_000_000)),
});

/** A fault, and the requests that it applies to. */
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
  /** The number of requests it has applied to. */
  hits: number;
}

export interface Faults {
  /** Returns the id. Throws a ZodError when the description is invalid. */
  add(fault: FaultSpec): string;
  list(): ActiveFault[];
  remove(id: string): boolean;
  clear(): void;
  /** The faults that apply to this request, in the order they were added: any delays, and at most one other at the end. */
  take(method: string, url: string): ActiveFault[];
}

/** Parses a fault from JSON or from a form. Throws a ZodError. */
export function parseFault(value: unknown): FaultSpec {
  return faultSchema.parse(value) as FaultSpec;
}

/**
 * The faults of one sandbox. Those without a path apply only inside `scope`, so that the sandbox's
 * own pages stay usable while its API fails.
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
    take(method, url) {
      const taken: ActiveFault[] = [];
      for (const fault of active) {
        if (!matches(fault, method, url)) continue;
        fault.hits += 1;
        taken.push({ ...fault });
        if (fault.kind !== 'delay') break;
      }
      active = active.filter((fault) => fault.times === undefined || fault.hits < fault.times);
      return taken;
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

import { promises as dns, type RecordWithTtl } from 'node:dns';
import { isIP } from 'node:net';
import { withTimeout } from '../lib/withTimeout.ts';
import type { Address } from './resolve.ts';
import type { SystemNames } from './systemNames.ts';

/** A name could not be resolved. The codes are those of getaddrinfo: EAI_AGAIN may end by itself, ENOTFOUND not. */
export class NameError extends Error {
  readonly code: 'ENOTFOUND' | 'EAI_AGAIN';

  private constructor(name: string, code: NameError['code'], why: string) {
    super(`the name ${name} could not be resolved: ${why}`);
    this.name = 'NameError';
    this.code = code;
  }

  static absent = (name: string): NameError => new NameError(name, 'ENOTFOUND', 'it does not exist or has no address');
  static failed = (name: string, code: string): NameError =>
    new NameError(name, 'EAI_AGAIN', `the name servers failed (${code.replace(/^E/, '')})`);
  static silent = (name: string, ms?: number): NameError =>
    new NameError(
      name,
      'EAI_AGAIN',
      `no answer from the name servers${ms === undefined ? '' : ` within ${ms / 1_000} s`}`,
    );

  get isAbsent(): boolean {
    return this.code === 'ENOTFOUND';
  }
}

export interface Found {
  addresses: Address[];
  ttlMs: number;
  /** The families, 4 and 6, for which the name servers gave no answer: the name may have addresses of them. */
  unanswered: number[];
}

export interface QueryOptions {
  /** Name servers as `address` or `address:port`; those of the system if left out. */
  servers?: readonly string[] | null;
}

/** c-ares waits this long at first, and twice as long with each further try; less if the servers are known to be fast. */
const FIRST_TRY_MS = 1_000;
const TRIES = 4;
const MIN_TTL_MS = 1_000;
const MAX_TTL_MS = 300_000;
/** For the addresses of IPv6 once those of IPv4 are known: some servers ignore queries for IPv6. */
const FOR_IPV6_MS = 500;
/** For those of IPv4, without which many machines cannot connect: long enough for two more tries, and less than callers wait. */
const FOR_IPV4_MS = 4_000;
const INCOMPLETE_TTL_MS = 5_000;
/** The name, or an address of this family, does not exist. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

export interface NameQuery {
  /** Asks the name servers. Rejects with NameError. */
  ask(name: string): Promise<Found>;
  /** Ends the queries under way, which would keep the process alive until they fail. */
  cancel(): void;
}

export function createQuery(system: SystemNames, { servers = null }: QueryOptions): NameQuery {
  let resolver: dns.Resolver | undefined;
  let version = '';

  /** c-ares reads the list of servers only once. */
  function currentResolver(): dns.Resolver {
    if (resolver && version === system.serversVersion()) return resolver;
    version = system.serversVersion();
    resolver = new dns.Resolver({ timeout: FIRST_TRY_MS, tries: TRIES });
    if (servers) resolver.setServers(servers);
    return resolver;
  }

  async function ask(name: string): Promise<Found> {
    let failure = NameError.absent(name);
    for (const candidate of system.candidates(name)) {
      try {
        return await addressesOf(currentResolver(), candidate);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'ETIMEOUT') throw NameError.silent(name);
        // Another candidate may exist although the zone of this one fails.
        if (!ABSENT.has(code)) failure = NameError.failed(name, code);
      }
    }
    throw failure;
  }

  return { ask, cancel: () => resolver?.cancel() };
}

/** The addresses of both families. Rejects if neither family has one, with a failure rather than with an absence. */
async function addressesOf(resolver: dns.Resolver, name: string): Promise<Found> {
  const records: RecordWithTtl[] = [];
  const errors: unknown[] = [];
  const unanswered = new Set([4, 6]);
  const queries = { 4: resolver.resolve4(name, { ttl: true }), 6: resolver.resolve6(name, { ttl: true }) };
  const answered = (family: 4 | 6): Promise<void> =>
    queries[family].then(
      (found) => {
        records.push(...found);
        unanswered.delete(family);
      },
      (error: unknown) => {
        errors.push(error);
        if (ABSENT.has(codeOf(error))) unanswered.delete(family);
      },
    );
  const both = Promise.all([answered(4), answered(6)]);
  await Promise.any([queries[4].then(() => FOR_IPV6_MS), queries[6].then(() => FOR_IPV4_MS)]).then(
    // `both` does not reject, so that only the time can be over.
    (otherMs) => withTimeout(otherMs, both, () => NameError.silent(name)).catch(() => undefined),
    () => both,
  );
  if (records.length === 0) throw errors.find((error) => !ABSENT.has(codeOf(error))) ?? errors[0];
  const ttlMs = Math.min(...records.map(({ ttl }) => ttl)) * 1_000;
  const longestMs = unanswered.size === 0 ? MAX_TTL_MS : INCOMPLETE_TTL_MS;
  return {
    addresses: inOrder(records.map(({ address }) => ({ address, family: isIP(address) }))),
    ttlMs: Math.min(Math.max(ttlMs, MIN_TTL_MS), longestMs),
    unanswered: [...unanswered],
  };
}

/** Those of IPv4 first: whether this machine has a route for IPv6 is not known here. */
export const inOrder = (addresses: Address[]): Address[] =>
  addresses.toSorted((one, other) => one.family - other.family);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'EUNKNOWN';

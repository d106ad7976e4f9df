import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

/** What the files of the system say about names, and what c-ares does not apply: fixed addresses and search domains. */
export interface SystemNames {
  /** The addresses of a name that needs no name server; null for any other. */
  localAddresses(name: string): string[] | null;
  /** The full names to ask the servers for, in this order, until one exists. */
  candidates(name: string): string[];
  /** Changes with each change of the file that lists the name servers. */
  serversVersion(): string;
}

const CHECK_EVERY_MS = 5_000;

export function createSystemNames({ hostsFile = '/etc/hosts', resolvFile = '/etc/resolv.conf' } = {}): SystemNames {
  const hosts = watched(hostsFile, parseHosts);
  const resolv = watched(resolvFile, parseResolv);

  return {
    localAddresses(name) {
      const bare = withoutDot(name);
      const listed = hosts().value.get(bare);
      if (listed) return listed;
      return bare === 'localhost' || bare.endsWith('.localhost') ? ['127.0.0.1', '::1'] : null;
    },
    candidates(name) {
      if (name.endsWith('.')) return [withoutDot(name)];
      const { search, ndots } = resolv().value;
      const expanded = search.map((domain) => `${name}.${domain}`);
      return name.split('.').length - 1 >= ndots ? [name, ...expanded] : [...expanded, name];
    },
    serversVersion: () => resolv().version,
  };
}

const withoutDot = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** The parsed file, read again after a change. A missing file counts as empty. */
function watched<T>(path: string, parse: (text: string) => T): () => { value: T; version: string } {
  let read: { value: T; version: string } | undefined;
  let checkedAt = 0;
  return () => {
    if (read && performance.now() - checkedAt < CHECK_EVERY_MS) return read;
    checkedAt = performance.now();
    const stats = statSync(path, { throwIfNoEntry: false });
    const version = stats ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : '';
    if (read?.version !== version) read = { value: parse(stats ? readFileSync(path, 'utf8') : ''), version };
    return read;
  };
}

function parseHosts(text: string): Map<string, string[]> {
  const addresses = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = fieldsOf(line);
    if (!isIP(address)) continue;
    for (const name of new Set(names.map(withoutDot))) addresses.set(name, [...(addresses.get(name) ?? []), address]);
  }
  return addresses;
}

/** As in resolver(5): of several `search` or `domain` lines the last one counts. */
function parseResolv(text: string): { search: string[]; ndots: number } {
  let search: string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...values] = fieldsOf(line);
    if (keyword === 'search' || keyword === 'domain') search = values.map(withoutDot).filter((domain) => domain !== '');
    const option = keyword === 'options' ? values.find((value) => /^ndots:\d+$/.test(value)) : undefined;
    if (option) ndots = Math.min(Number(option.slice(6)), 15);
  }
  return { search, ndots };
}

const fieldsOf = (line: string): string[] =>
  line
    .replace(/[#;].*/, '')
    .trim()
    .split(/\s+/);

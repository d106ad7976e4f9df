import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { z } from 'zod';
import { parseException } from './proxyExceptions.ts';
import { optional } from './settingsTree.ts';

/** Settings of the way to other systems. Each error message follows the name of the variable in a sentence. */

/** May hold user name and password, unlike other addresses. */
const proxyUrl = z
  .url({ protocol: /^https?$/, error: 'must be an address that starts with http:// or https://', abort: true })
  .refine(
    (text) => new URL(text).pathname === '/' && !/[?#]/.test(text),
    'must not have a path, a query or a fragment',
  );

const entriesOf = <T>(parse: (entry: string) => T | null, what: string) =>
  z.string().transform((text, context) =>
    text.split(',').flatMap((entry, index) => {
      if (entry.trim() === '') return [];
      const parsed = parse(entry.trim());
      if (parsed !== null) return [parsed];
      context.addIssue({ code: 'custom', message: `entry ${index + 1} must be ${what}` });
      return [];
    }),
  );

const proxyExceptions = entriesOf(parseException, 'a host, a domain, an address or a range of addresses');

const nameServers = entriesOf((entry) => {
  const [, address = '', port] = /^\[?([^\]]*?)\]?(?::(\d{1,5}))?$/.exec(isIP(entry) ? `[${entry}]` : entry) ?? [];
  const isUsable = isIP(address) !== 0 && (port === undefined || (Number(port) > 0 && Number(port) < 65_536));
  return isUsable ? entry : null;
}, 'the address of a name server, with or without a port');

const plainHosts = entriesOf(
  (entry) => (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry) ? entry.toLowerCase() : null),
  'a host name or an IPv4 address, without scheme and port',
);

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Reads the file, so that a wrong one is reported together with the other errors. The value is its PEM text. */
const authoritiesFile = z.string().transform((path, context) => {
  const fault = (message: string) => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${error.code})` : '';
    return fault(`names a file that cannot be read${code}`);
  }
  const certificates = text.match(CERTIFICATES) ?? [];
  if (certificates.length === 0) return fault('names a file without a certificate in PEM format');
  return certificates.every(isCertificate) ? text : fault('names a file with a certificate that cannot be read');
});

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== null;
  } catch {
    return false;
  }
}

export const outgoing = z.object({
  proxy: optional('OUTGOING_PROXY', proxyUrl, 'direct connections').describe(
    'the proxy to FreeScout, Slack and the OpenID provider, such as http://user:password@proxy.example.com:3128',
  ),
  noProxy: optional('OUTGOING_NO_PROXY', proxyExceptions, 'none').describe(
    'a list of hosts to reach without OUTGOING_PROXY, such as tickets.example.com,.internal,10.0.0.0/8',
  ),
  plainHosts: optional('OUTGOING_PLAIN_HTTP', plainHosts, 'in production only this machine').describe(
    'a list of hosts of FreeScout, Slack and HEARTBEAT_URL that may be reached with http:// because nobody else can read the connection, such as tickets.internal',
  ),
  authorities: optional('OUTGOING_CA_FILE', authoritiesFile, 'those of the platform').describe(
    'the path of a PEM file of certificate authorities to trust in addition, for FreeScout, Slack, the OpenID provider and the proxy',
  ),
});

export const dnsServers = optional('DNS_SERVERS', nameServers, 'those of the system').describe(
  'a list of name servers to use instead of those of the system, such as 10.0.0.53,10.0.1.53:5353',
);

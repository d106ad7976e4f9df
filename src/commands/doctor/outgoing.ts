import type { Config } from '../../config/config.ts';
import { counted } from '../../lib/terminal.ts';
import { type Finding, ok } from './finding.ts';

const PARTNERS = 'FreeScout, Slack and the OpenID provider';

/** The way to other systems, without user name and password of the proxy. Whether it works shows in the other checks. */
export function checkOutgoing({ outgoing, dnsServers }: Pick<Config, 'outgoing' | 'dnsServers'>): Finding[] {
  const { proxy, noProxy, authorities } = outgoing;
  const exceptions = noProxy?.length
    ? `, except for ${counted(noProxy.length, 'entry', 'entries')} of OUTGOING_NO_PROXY`
    : '';
  const count = authorities?.split('-----BEGIN CERTIFICATE-----').length;
  return [
    proxy === null
      ? ok('outgoing proxy', `OUTGOING_PROXY is not set: ${PARTNERS} are reached directly.`)
      : ok('outgoing proxy', `${PARTNERS} are reached through ${new URL(proxy).origin}${exceptions}.`),
    count === undefined
      ? ok('certificate authorities', 'OUTGOING_CA_FILE is not set: those of the platform are trusted.')
      : ok(
          'certificate authorities',
          `${counted(count - 1, 'certificate')} of OUTGOING_CA_FILE beside the platform's.`,
        ),
    ok('name servers', dnsServers === null ? 'Those of the system.' : `${dnsServers.join(', ')} (DNS_SERVERS).`),
  ];
}

import type { Config } from '../../config/config.ts';
import { explainUnset } from '../../config/notConfigured.ts';

/** What does not work because these settings count as unset, and what to set. */
export function unsetSentence(unset: readonly string[], ignored: Config['ignored'], consequence: string): string {
  const { missing, reasons } = explainUnset(unset, ignored);
  const [are, them] = missing.length === 1 ? ['is', 'it'] : ['are', 'them'];
  const rest = `${missing.join(' and ')} ${are} not set or not valid, so ${consequence}: set ${them}.`;
  return [...reasons, ...(missing.length === 0 ? [] : [rest])].join(' ');
}

/** What to do about a connection that failed with this code; null for other codes. `setting` holds the address. */
export function connectionRemedy(code: string, setting: string): string | null {
  const found = REMEDIES.find(([codes]) => codes.test(code));
  return found ? found[1](setting) : null;
}

const REMEDIES: [codes: RegExp, remedy: (setting: string) => string][] = [
  [/^PROXY_REFUSED$/, (setting) => `Correct OUTGOING_PROXY, or add the host of ${setting} to OUTGOING_NO_PROXY.`],
  [
    /^(ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL|ETIMEOUT|NAME_\w+)$/,
    (setting) => `Check the host name in ${setting}, and the name servers (DNS_SERVERS).`,
  ],
  [
    /^(ECONNREFUSED|connect_failed)$/,
    (setting) => `Nothing accepts connections there: check host and port in ${setting}, and that the server runs.`,
  ],
  [
    /^(CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+|UNABLE_TO_\w+|ERR_TLS_CERT\w+)$/,
    (setting) =>
      `Its certificate is not trusted: renew it, correct the host in ${setting}, or add its authority with OUTGOING_CA_FILE.`,
  ],
  [
    /^(EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/,
    (setting) => `TLS failed: check whether ${setting} must begin with http:// or https://, and its port.`,
  ],
  [
    /^(ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT|timeout|aborted|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    (setting) =>
      `Check host and port in ${setting}, that a firewall lets this machine connect, and whether OUTGOING_PROXY is needed.`,
  ],
  [
    /^(ECONNRESET|EPIPE|ERR_NO_REPLY|ERR_STREAM\w*|ERR_ANSWER_TOO_LONG|HPE_\w+)$/,
    (setting) =>
      `The connection broke: check the log of the server, and whether ${setting} must begin with http:// or https://.`,
  ],
];

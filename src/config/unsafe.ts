import { isLoopback } from './addresses.ts';
import { databaseRisk } from './databaseTls.ts';
import type { Values } from './settings.ts';
import { weaknessOf } from './weakSecrets.ts';

/** A setting that works and is not safe. */
export interface UnsafeSetting {
  variable: string;
  /** Follows the name of the variable in a sentence. */
  what: string;
  /** Other settings that must not be used either. */
  without?: readonly string[];
}

/** Settings with which others could act in our name or read along. Production refuses them. */
export function unsafeSettings(values: Values): UnsafeSetting[] {
  const { database, freescout, slack, publicUrl, outgoing } = values;
  const isOpen = (address: string | null) => isPlain(address, outgoing.plainHosts ?? []);
  const risk = (variable: string, address: string | null) => {
    const what = address === null ? null : databaseRisk(address, database.sslMode);
    return what === null ? [] : [{ variable, what }];
  };
  return [
    ...(isPlain(publicUrl) && needsSessions(values)
      ? [{ variable: 'PUBLIC_URL', what: 'starts with http://, so sessions can be stolen on the way' }]
      : []),
    ...risk('DATABASE_URL', database.url),
    ...risk('DATABASE_DIRECT_URL', database.directUrl),
    ...risk('DATABASE_OWNER_URL', database.ownerUrl),
    ...risk('DATABASE_READER_URL', database.readerUrl),
    ...(isOpen(freescout.baseUrl) ? [{ variable: 'FREESCOUT_BASE_URL', what: PLAIN_FREESCOUT }] : []),
    ...weak('FREESCOUT_WEBHOOK_SECRET', freescout.webhookSecret),
    // Its token must not be sent to Slack's own address in place of this one.
    ...(isOpen(slack.apiUrl) ? [{ variable: 'SLACK_API_URL', what: PLAIN_SLACK, without: ['SLACK_BOT_TOKEN'] }] : []),
    ...weakEntries('INGEST_TOKENS', values.ingestTokens),
    ...weakEntries('CONSOLE_API_TOKENS', values.apiTokens),
    ...weak('METRICS_TOKEN', values.metricsToken, REMEDY),
    ...weak('OIDC_CLIENT_SECRET', values.oidc.clientSecret),
    ...weak('SESSION_SECRET', values.sessionSecret, REMEDY),
    ...(isOpen(values.heartbeatUrl) ? [{ variable: 'HEARTBEAT_URL', what: PLAIN_HEARTBEAT }] : []),
    ...weak('AUDIT_DIGEST_SECRET', values.auditDigests.secret, REMEDY),
  ];
}

const PLAIN_FREESCOUT =
  'starts with http://, so key and tickets can be read on the way, and OUTGOING_PLAIN_HTTP does not accept that';
const PLAIN_SLACK =
  'starts with http://, so token and messages can be read on the way, and OUTGOING_PLAIN_HTTP does not accept that';

const PLAIN_HEARTBEAT =
  'starts with http://, so others can read it and send heartbeats themselves, and OUTGOING_PLAIN_HTTP does not accept that';

/** Away from loopback; on this machine nobody can read along. */
function isPlain(address: string | null, accepted: readonly string[] = []): boolean {
  if (address === null) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === 'http:' && !isLoopback(hostname) && !accepted.includes(hostname);
}

/** Without a provider, outside production, everybody is the local developer. */
const needsSessions = ({ nodeEnv, oidc }: Values): boolean => nodeEnv === 'production' || oidc.issuerUrl !== null;

const REMEDY = ' (openssl rand -hex 32 prints one that cannot)';

/** `remedy` for secrets of our own; the others are made by the system that they belong to. */
function weak(variable: string, secret: string | null, remedy = ''): UnsafeSetting[] {
  const weakness = secret === null ? null : weaknessOf(secret);
  return weakness === null ? [] : [{ variable, what: `consists of ${weakness}, which can be guessed${remedy}` }];
}

const weakEntries = (variable: string, entries: readonly { token: string }[] | null): UnsafeSetting[] =>
  (entries ?? []).flatMap(({ token }, index) => {
    const weakness = weaknessOf(token);
    const what = `entry ${index + 1} has a token of ${weakness}, which can be guessed${REMEDY}`;
    return weakness === null ? [] : [{ variable, what }];
  });

/**
 * A host that loses its power or its network closes no connection. Each side therefore probes a connection that is idle,
 * and gives one up when data stays without acknowledgement: within about ten seconds, instead of the hours of the
 * system's defaults.
 */
const IDLE_S = 4;
const SERVER_KEEPALIVES = {
  tcp_keepalives_idle: IDLE_S,
  tcp_keepalives_interval: 2,
  tcp_keepalives_count: 3,
  tcp_user_timeout: 10_000,
};

/** A transaction of a process that stands still is ended, so that its locks are released. */
export const IDLE_IN_TRANSACTION_MS = 10_000;

/** The statements that set these for the session. */
export const setStatements = (settings: Record<string, number>): string =>
  Object.entries(settings)
    .map(([name, value]) => `set ${name} = ${value}`)
    .join('; ');

/** These limits as statements, for an address that may lead to a pooler, which refuses them at the start of a session. */
export const SET_SERVER_LIMITS = setStatements({
  ...SERVER_KEEPALIVES,
  idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
});

/** Options of every `pg` client and pool. */
export const CLIENT_KEEPALIVES = { keepAlive: true, keepAliveInitialDelayMillis: IDLE_S * 1_000 };

/**
 * The address with settings that the server applies to each session from its start: the keepalives of its side, and
 * `more`. Options that the address has already are kept and win. Not for a pooler, which does not pass them on.
 */
export function withSessionSettings(url: string, more: Record<string, number | string> = {}): string {
  const address = new URL(url);
  const settings = Object.entries({ ...SERVER_KEEPALIVES, ...more }).map(([name, value]) => `-c ${name}=${value}`);
  const own = address.searchParams.get('options');
  address.searchParams.set('options', [...settings, ...(own === null ? [] : [own])].join(' '));
  return address.href;
}

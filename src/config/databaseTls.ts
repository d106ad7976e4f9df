import { z } from 'zod';
import { isLoopback } from './addresses.ts';
import { optional } from './settingsTree.ts';

const sslMode = z
  .string()
  .pipe(z.enum(['verify-full', 'no-verify', 'disable'], 'must be verify-full, no-verify or disable'));

export const databaseSslMode = optional('DATABASE_SSLMODE', sslMode, 'as in the addresses').describe(
  'the sslmode of database addresses that name none: verify-full; or no-verify or disable, with which production accepts that others may read the connection',
);

type SslMode = z.output<typeof sslMode>;

/** The address with `mode` if it says nothing about TLS. */
export function withSslMode(address: string | null, mode: SslMode | null): string | null {
  if (address === null || mode === null || saysSomething(address)) return address;
  const url = new URL(address);
  url.searchParams.set('sslmode', mode);
  return url.href;
}

/**
 * What is wrong with the way to a database: it leads to another machine without verified TLS, which `mode` does not accept.
 * It follows the name of the setting.
 */
export function databaseRisk(address: string, mode: SslMode | null): string | null {
  const tls = tlsOf(address);
  if (tls === 'verified' || isOnThisMachine(address) || mode === 'disable') return null;
  if (tls === 'none') {
    return 'leads to another machine without TLS, which DATABASE_SSLMODE does not accept';
  }
  if (mode === 'no-verify') return null;
  return 'leads to another machine whose certificate is not verified, which DATABASE_SSLMODE does not accept';
}

/** As the driver reads the address: it verifies the certificate in every sslmode but two, unless it has to be like libpq. */
function tlsOf(address: string): 'verified' | 'unverified' | 'none' {
  const mode = parameter(address, 'sslmode');
  if (mode === undefined && !CERTIFICATES.some((name) => parameter(address, name) !== undefined)) {
    const ssl = parameter(address, 'ssl') ?? '';
    if (ssl === 'no-verify') return 'unverified';
    return ['true', '1'].includes(ssl) ? 'verified' : 'none';
  }
  if (mode === 'disable') return 'none';
  const isWeak = parameter(address, 'uselibpqcompat') === 'true' && ['allow', 'prefer', 'require'].includes(mode ?? '');
  return isWeak || mode === 'no-verify' ? 'unverified' : 'verified';
}

const CERTIFICATES = ['sslrootcert', 'sslcert', 'sslkey'];

const saysSomething = (address: string): boolean =>
  ['sslmode', 'ssl', ...CERTIFICATES].some((name) => parameter(address, name) !== undefined);

function isOnThisMachine(address: string): boolean {
  const host = decodeURIComponent(parameter(address, 'host') ?? new URL(address).hostname);
  // A path is a socket of this machine, and without a host the driver uses localhost.
  return host === '' || host.startsWith('/') || isLoopback(host);
}

/** The last one counts, as for the driver. */
const parameter = (address: string, name: string): string | undefined =>
  new URL(address).searchParams.getAll(name).at(-1);

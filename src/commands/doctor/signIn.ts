import { z } from 'zod';
import type { Config, GroupRole } from '../../config/config.ts';
import { callbackUrl, createProvider } from '../../identity/provider.ts';
import { oneLine } from '../../lib/terminal.ts';
import { createLog } from '../../log/log.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { unreachableBecause } from '../../net/unreachable.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'sign-in provider';
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_048_576;

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  scopes_supported: z.array(z.string()).optional().catch(undefined),
});

const silentLog = createLog({ level: 'silent' });

/** Checks that the OpenID provider answers, has the issuer that is configured, and accepts the console as a client. */
export async function checkSignIn(
  { oidc, publicUrl, sandboxSignIn }: Config,
  production: boolean,
  outgoing: Outgoing = createOutgoing(),
): Promise<Finding[]> {
  if (oidc === null) {
    if (production)
      return [fail(CHECK, 'OIDC is not configured or not valid, so nobody can sign in: correct the settings above.')];
    const everybody = sandboxSignIn
      ? 'everybody chooses who they are at the sandbox OpenID provider'
      : 'everybody who opens the console on this machine is the local developer';
    return [ok(CHECK, `OIDC is not configured: ${everybody}.`)];
  }
  const { issuerUrl } = oidc;
  const address = `${issuerUrl.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  try {
    const response = await outgoing.fetch(address, { signal: AbortSignal.timeout(TIMEOUT_MS) }, MAX_BYTES);
    if (response.status !== 200) return [fail(CHECK, `${address} answers ${response.status}: check OIDC_ISSUER_URL.`)];
    const found = discovery.safeParse(await response.json().catch(() => null));
    if (!found.success) return [fail(CHECK, `${address} does not describe an OpenID provider: check OIDC_ISSUER_URL.`)];
    if (!URL.canParse(found.data.issuer) || new URL(found.data.issuer).href !== new URL(issuerUrl).href) {
      return [
        fail(
          CHECK,
          oneLine(`The provider names ${found.data.issuer} as its issuer: set OIDC_ISSUER_URL to exactly that.`),
        ),
      ];
    }
    return [
      clientFinding(await createProvider({ oidc, publicUrl, outgoing, log: silentLog }).knowsClient(), {
        issuerUrl,
        publicUrl,
      }),
      ...unknownScopes(oidc.scope, found.data.scopes_supported),
      ...withoutAdmin(oidc.roleMap),
    ];
  } catch (error) {
    return [
      fail(
        CHECK,
        `${address} cannot be reached (${unreachableBecause(error) ?? codeOf(error)}), so nobody can sign in: check OIDC_ISSUER_URL and the network. API tokens still work.`,
      ),
    ];
  }
}

/** A provider may accept more scopes than it lists. */
function unknownScopes(wanted: string, listed: readonly string[] = []): Finding[] {
  const unknown = listed.length === 0 ? [] : wanted.split(' ').filter((scope) => !listed.includes(scope));
  if (unknown.length === 0) return [];
  return [
    warn(
      CHECK,
      oneLine(`The provider does not list the scope ${unknown.join(', ')}: check OIDC_SCOPE if sign-in fails.`),
    ),
  ];
}

function withoutAdmin(roleMap: readonly GroupRole[]): Finding[] {
  if (roleMap.length === 0 || roleMap.some(({ role }) => role === 'admin')) return [];
  return [warn(CHECK, 'OIDC_ROLE_MAP makes nobody an admin, so nobody can change the flags: map a group to admin.')];
}

function clientFinding(
  result: true | string,
  { issuerUrl, publicUrl }: { issuerUrl: string; publicUrl: string },
): Finding {
  if (result === true) {
    return ok(CHECK, `${issuerUrl} accepts this client. After sign-in, people return to ${callbackUrl(publicUrl)}.`);
  }
  return result === 'invalid_client' || result === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE'
    ? fail(CHECK, `${issuerUrl} rejects this client: correct OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`)
    : warn(CHECK, `${issuerUrl} answers, but whether it accepts this client could not be determined (${result}).`);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'ETIMEDOUT';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

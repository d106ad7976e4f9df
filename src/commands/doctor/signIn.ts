import { z } from 'zod';
import type { Config } from '../../config/config.ts';
import { callbackUrl, createProvider } from '../../identity/provider.ts';
import { oneLine } from '../../lib/terminal.ts';
import { createLog } from '../../log/log.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'sign-in provider';
const TIMEOUT_MS = 5_000;

const discovery = z.object({ issuer: z.string(), authorization_endpoint: z.string(), token_endpoint: z.string() });

const quiet = createLog({ level: 'silent' });

/** Whether the OpenID provider can be found where the settings say, is the one that they name, and knows the console. */
export async function checkSignIn({ oidc, publicUrl }: Config, production: boolean): Promise<Finding[]> {
  if (oidc === null) {
    const says = 'OIDC is not set up';
    return production
      ? [fail(CHECK, `${says} or cannot be used, so nobody can sign in; the settings above say what is missing.`)]
      : [ok(CHECK, `${says}: whoever reaches the console on this machine is the local developer.`)];
  }
  const { issuerUrl } = oidc;
  const address = `${issuerUrl.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  try {
    const response = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status !== 200) return [fail(CHECK, `${address} answers ${response.status}: check OIDC_ISSUER_URL.`)];
    const found = discovery.safeParse(await response.json().catch(() => null));
    if (!found.success)
      return [fail(CHECK, `${address} is no description of an OpenID provider: check OIDC_ISSUER_URL.`)];
    if (!URL.canParse(found.data.issuer) || new URL(found.data.issuer).href !== new URL(issuerUrl).href) {
      return [
        fail(CHECK, oneLine(`The provider calls itself ${found.data.issuer}: set OIDC_ISSUER_URL to exactly that.`)),
      ];
    }
    return [asClient(await createProvider({ oidc, publicUrl, log: quiet }).knowsClient(), { issuerUrl, publicUrl })];
  } catch (error) {
    return [
      fail(CHECK, `${address} cannot be reached (${codeOf(error)}), so nobody can sign in until it can; tokens work.`),
    ];
  }
}

function asClient(known: true | string, { issuerUrl, publicUrl }: { issuerUrl: string; publicUrl: string }): Finding {
  if (known === true) {
    return ok(
      CHECK,
      `${issuerUrl} answers as it should and knows this client. It sends people to ${callbackUrl(publicUrl)}.`,
    );
  }
  return known === 'invalid_client' || known === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE'
    ? fail(CHECK, `${issuerUrl} refuses this client: correct OIDC_CLIENT_ID and OIDC_CLIENT_SECRET.`)
    : warn(CHECK, `${issuerUrl} is there, but whether it knows this client could not be found out (${known}).`);
}

/** fetch hides what went wrong in the cause of its error. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'TimeoutError') return 'ETIMEDOUT';
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : error.name;
}

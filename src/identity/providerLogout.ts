import type { Config } from '../config/config.ts';
import { Problem } from '../lib/problem.ts';
import type { Log } from '../log/log.ts';
import type { Refuse, SignIn } from '../model/people.ts';
import { LogoutTokenError } from './logoutTokens.ts';
import type { Provider } from './provider.ts';
import { errorCode } from './providerTrouble.ts';
import type { SessionRoles } from './sessionRoles.ts';

interface Deps {
  provider: Pick<Provider, 'logoutNotice'>;
  roles: Pick<SessionRoles, 'endSignedOut'>;
  oidc: Pick<NonNullable<Config['oidc']>, 'issuerUrl'>;
  log: Log;
  onOutcome: (outcome: string) => void;
  refused: Refuse;
}

/** Ends the sessions of people who signed out at the provider, as it tells in a back-channel logout. */
export function createProviderLogout(deps: Deps): SignIn['logout'] {
  const { provider, roles, oidc, log, onOutcome, refused } = deps;

  function refuse(address: string, code: string): never {
    refused('bad_logout_token', address);
    throw new Problem('bad_request', `The logout token is not valid (${code}).`);
  }

  return async (token, address) => {
    if (token === '') return refuse(address, 'none');
    const notice = await provider.logoutNotice(token).catch((error: unknown) => {
      if (error instanceof LogoutTokenError) return refuse(address, error.code);
      log.warn({ code: errorCode(error) }, 'a sign-out at the identity provider could not be verified');
      const message = 'The keys of the identity provider could not be read.';
      throw new Problem('identity_provider_unavailable', message, { cause: error });
    });
    const ended = await roles.endSignedOut(oidc.issuerUrl, notice);
    if (ended === null) return refuse(address, 'used');
    onOutcome('signed_out_at_provider');
    return { ended };
  };
}

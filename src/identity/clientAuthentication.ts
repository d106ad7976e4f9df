import { AsyncLocalStorage } from 'node:async_hooks';
import * as openid from 'openid-client';
import { isClientRefused } from './providerTrouble.ts';

/**
 * Sends the client secret by HTTP Basic, and retries in the body if that is refused (or the reverse): which method the
 * client was registered with is not in the settings. A refused client has not used up the authorization code.
 */
export function createClientAuthentication(secret: string) {
  const methods = { basic: openid.ClientSecretBasic(secret), post: openid.ClientSecretPost(secret) };
  /** The one that worked last. */
  let method: keyof typeof methods = 'basic';
  /** That of the call under way: several calls may be, each with a method of its own. */
  const ofCall = new AsyncLocalStorage<keyof typeof methods>();
  const present: openid.ClientAuth = (...request) => methods[ofCall.getStore() ?? method](...request);

  return {
    present,
    async call<T>(configuration: openid.Configuration, request: () => Promise<T>): Promise<T> {
      const supported = configuration.serverMetadata().token_endpoint_auth_methods_supported;
      if (supported && !supported.includes('client_secret_basic')) method = 'post';
      const first = method;
      try {
        return await ofCall.run(first, request);
      } catch (error) {
        if (!isClientRefused(error)) throw error;
        const other = first === 'basic' ? 'post' : 'basic';
        const result = await ofCall.run(other, request);
        method = other;
        return result;
      }
    },
  };
}

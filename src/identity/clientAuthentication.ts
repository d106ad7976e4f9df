import * as openid from 'openid-client';
import { isClientRefused } from './providerTrouble.ts';

/**
 * Sends the client secret by HTTP Basic, and retries in the body if that is refused (or the reverse): which method the
 * client was registered with is not in the settings. A refused client has not used up the authorization code.
 */
export function createClientAuthentication(secret: string) {
  const methods = { basic: openid.ClientSecretBasic(secret), post: openid.ClientSecretPost(secret) };
  let method: keyof typeof methods = 'basic';
  const present: openid.ClientAuth = (...request) => methods[method](...request);

  return {
    present,
    async call<T>(configuration: openid.Configuration, request: () => Promise<T>): Promise<T> {
      const supported = configuration.serverMetadata().token_endpoint_auth_methods_supported;
      if (supported && !supported.includes('client_secret_basic')) method = 'post';
      try {
        return await request();
      } catch (error) {
        if (!isClientRefused(error)) throw error;
        const previous = method;
        method = previous === 'basic' ? 'post' : 'basic';
        return request().catch((secondError: unknown) => {
          method = previous;
          throw secondError;
        });
      }
    },
  };
}

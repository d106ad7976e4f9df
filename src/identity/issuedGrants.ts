import { AsyncLocalStorage } from 'node:async_hooks';
import type { CustomFetch } from 'openid-client';

/** What the token endpoint answered; null until then. `grant` is the next refresh token; null if it is not replaced. */
interface Call {
  answer: { grant: string | null } | null;
}

/**
 * Takes the next refresh token from the answer itself. openid-client returns it only once the ID token beside it was
 * verified, for which it may have to fetch the keys of the provider; if that fails, the old token may be of no use any more.
 */
export function createIssuedGrants() {
  const ofCall = new AsyncLocalStorage<Call>();

  return {
    watched:
      (fetch: CustomFetch): CustomFetch =>
      async (address, options) => {
        const response = await fetch(address, options);
        const call = ofCall.getStore();
        // The keys are fetched with GET.
        if (call && options.method === 'POST' && response.ok) call.answer = await read(response.clone());
        return response;
      },

    /** Runs one refresh to its end. `issued` is what the provider answered, even if `request` failed. */
    async during<T>(request: () => Promise<T>): Promise<{ result: Promise<T>; issued: Call['answer'] }> {
      const call: Call = { answer: null };
      const result = ofCall.run(call, request);
      await result.catch(() => undefined);
      return { result, issued: call.answer };
    },
  };
}

/** Null if it is no answer of a token endpoint, which openid-client reports. */
async function read(response: Response): Promise<Call['answer']> {
  const body: unknown = await response.json().catch(() => null);
  if (typeof body !== 'object' || body === null || !('access_token' in body)) return null;
  const grant = 'refresh_token' in body ? body.refresh_token : null;
  return { grant: typeof grant === 'string' && grant !== '' ? grant : null };
}

/** The console, as the provider knows it. */
export interface Client {
  id: string;
  secret: string;
  redirectUri: string;
  signedOutUri: string;
}

export interface AuthorizationRequest {
  state: string | null;
  nonce: string | null;
  /** The PKCE challenge of the method S256. */
  challenge: string;
  prompt: 'login' | 'none' | null;
  /** The person must have signed in within so many seconds; null: whenever. */
  maxAgeS: number | null;
}

type Read =
  /** `untrusted`: nobody may be redirected to an address that the client has not registered. */
  | { untrusted: string }
  /** An error that the client gets, by the name that OpenID Connect gives it. */
  | { error: string; description: string; state: string | null }
  | { request: AuthorizationRequest };

/** Reads the query of the authorization endpoint. */
export function readAuthorizationRequest(query: URLSearchParams, client: Client): Read {
  if (query.get('client_id') !== client.id) return { untrusted: 'The client is unknown.' };
  if (query.get('redirect_uri') !== client.redirectUri) return { untrusted: 'The redirect address is not registered.' };
  const state = query.get('state');
  const invalid = (description: string): Read => ({ error: 'invalid_request', description, state });
  if (query.get('response_type') !== 'code') return invalid('The response type must be code.');
  if (!(query.get('scope') ?? '').split(' ').includes('openid')) return invalid('The scope openid is missing.');
  const challenge = query.get('code_challenge') ?? '';
  if (query.get('code_challenge_method') !== 'S256' || !/^[\w-]{43}$/.test(challenge)) {
    return invalid('A PKCE challenge of the method S256 is needed.');
  }
  const maxAge = query.get('max_age');
  if (maxAge !== null && !/^\d{1,9}$/.test(maxAge)) return invalid('max_age must be a number of seconds.');
  const prompt = query.get('prompt');
  return {
    request: {
      state,
      nonce: query.get('nonce'),
      challenge,
      prompt: prompt === 'login' || prompt === 'none' ? prompt : null,
      maxAgeS: maxAge === null ? null : Number(maxAge),
    },
  };
}

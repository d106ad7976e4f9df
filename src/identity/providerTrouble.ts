import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';

/**
 * What a sign-in failed of: the provider is away, the provider refuses our client id or secret, the provider says no
 * (or the person did), or the answer is not to be believed.
 */
export type Trouble = 'provider_unavailable' | 'client_refused' | 'provider_refused' | 'answer_invalid';

/** Codes of openid-client that mean no usable answer came at all. */
const AWAY = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']);
const NETWORK = /^(E[A-Z_]+|UND_ERR_\w+|CERT_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|PLAIN_HTTP|TOO_LARGE)$/;

export function troubleOf(error: unknown): Trouble {
  if (refusesClient(error)) return 'client_refused';
  if (error instanceof AuthorizationResponseError) {
    return error.error === 'server_error' || error.error === 'temporarily_unavailable'
      ? 'provider_unavailable'
      : 'provider_refused';
  }
  const code = codeOf(error);
  return AWAY.has(code) || NETWORK.test(code) ? 'provider_unavailable' : 'answer_invalid';
}

/** The client id or secret of our settings is not what the provider knows, or not shown as it was agreed. */
export function refusesClient(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.error === 'invalid_client';
  return error instanceof WWWAuthenticateChallengeError && error.status === 401;
}

/** A word for what went wrong that may be shown and kept: a code, never a message, which may quote what it was sent. */
export function codeOf(error: unknown): string {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) return plain(error.error);
  for (let each = error; each instanceof Error; each = each.cause) {
    // `fetch` says only that it failed, and why in its cause.
    if ('code' in each && typeof each.code === 'string' && !/^ERR_/.test(each.code)) return plain(each.code);
  }
  return error instanceof Error ? plain(error.name) : 'unknown';
}

const plain = (word: string): string => (/^[\w.-]{1,100}$/.test(word) ? word : 'unknown');

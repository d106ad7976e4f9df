import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client';
import { maskSecrets } from '../log/secretTexts.ts';

/**
 * Why a sign-in failed: the provider is unavailable; it refuses our client id or secret; it refused the person, or the
 * person cancelled; or its response is not valid.
 */
export type ProviderFailure = 'provider_unavailable' | 'client_refused' | 'provider_refused' | 'answer_invalid';

/** Codes of openid-client for a missing or unusable response. */
const UNAVAILABLE = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
]);
const NETWORK =
  /^(E[A-Z_]+|CERT_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+|PLAIN_HTTP|TOO_LARGE|PROXY_REFUSED|HPE_\w+)$/;

export function classifyFailure(error: unknown): ProviderFailure {
  if (isClientRefused(error)) return 'client_refused';
  if (error instanceof AuthorizationResponseError) {
    return error.error === 'server_error' || error.error === 'temporarily_unavailable'
      ? 'provider_unavailable'
      : 'provider_refused';
  }
  const code = errorCode(error);
  return UNAVAILABLE.has(code) || NETWORK.test(code) ? 'provider_unavailable' : 'answer_invalid';
}

/** The provider refuses our client id or secret, or the way they were sent. */
export function isClientRefused(error: unknown): boolean {
  if (error instanceof ResponseBodyError) return error.error === 'invalid_client';
  return error instanceof WWWAuthenticateChallengeError && error.status === 401;
}

/** Answers to a refresh token after which the person has to sign in again. */
const GRANT_REFUSED = ['invalid_grant', 'interaction_required', 'login_required', 'consent_required'];

/** The provider does not know the sign-in of a session any more: it was ended, has expired, or the person was removed. */
export const isGrantRefused = (error: unknown): boolean =>
  error instanceof ResponseBodyError && GRANT_REFUSED.includes(error.error);

/** A code for the error that may be shown and stored. Messages may not, because they can contain what was sent. */
export function errorCode(error: unknown): string {
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError) return plain(error.error);
  for (let each = error; each instanceof Error; each = each.cause) {
    // An error of `fetch` has its reason in `cause`.
    if ('code' in each && typeof each.code === 'string' && !/^ERR_/.test(each.code)) return plain(each.code);
  }
  return error instanceof Error ? plain(error.name) : 'unknown';
}

const plain = (word: string): string => (/^[\w.-]{1,100}$/.test(word) ? maskSecrets(word) : 'unknown');

import { MessageError } from './port.ts';

/** Slack's final answers that are not about the place of a message: one of its own would be refused as well. */
const REFUSED_EVERYWHERE = new Set([
  'not_configured',
  'not_authed',
  'invalid_auth',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'missing_scope',
  'org_login_required',
  'two_factor_setup_required',
  'team_access_not_granted',
  'ekm_access_denied',
  'accesslimited',
  'message_limit_exceeded',
]);

/**
 * Slack adds codes and does not document all of them, so every final answer counts that is not about the app or the
 * workspace: the message, its thread or the conversation is gone, or may not be changed any more.
 */
const isFinalThere = (error: unknown): error is MessageError =>
  error instanceof MessageError && !error.retryable && !REFUSED_EVERYWHERE.has(error.code ?? '');

/** Slack did not carry out this edit or reply, and will not do so at this place later either. */
export const isRefusedThere = (error: unknown): boolean => isFinalThere(error) && !error.inDoubt;

/** Slack's answers for a thread whose first message was deleted, by a person or after its retention. */
const THREAD_GONE = new Set(['thread_not_found', 'message_not_found', 'cannot_reply_to_message']);

/** What a failed look-up in a thread shows. Nothing is in a thread that is gone; in another unreadable one, a message may be. */
export function whereUnreadable(error: unknown): 'hidden' | null {
  if (!isFinalThere(error)) throw error;
  return THREAD_GONE.has(error.code ?? '') ? null : 'hidden';
}

import type { AlertContext } from '../../machines/alert/types.ts';
import { isTicketState } from '../actors/projections/alert.ts';

/** Why an alert without a ticket has none; null if nothing was decided yet. `region`: its state in the region `ticket`. */
export function noTicketReason(
  { active, reason }: Pick<AlertContext, 'active' | 'reason'>,
  region: unknown,
): string | null {
  if (isTicketState('filing', region) || isTicketState('doubtful', region)) return 'filing';
  return reason ?? (active ? null : 'resolved_before_filing');
}

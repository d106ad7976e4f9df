import type { SuppressionReason } from '../../machines/shared/protocol.ts';

/** Why there is no ticket: sentences without their full stop. */
export const REASONS: Record<string, string> = {
  below_threshold: 'P3 alerts send a direct message only',
  flag_off: 'Tickets for alerts are turned off',
  offline: 'This console is offline',
  maintenance: 'Its surface is under maintenance',
  dependency: 'A surface that it depends on is failing',
  shadow: 'In shadow mode: its ticket is composed and not posted',
  silenced: 'Silenced by an operator',
  storm: 'Waiting for the umbrella ticket of an alert storm',
  freescout_unavailable: 'FreeScout is unavailable; will retry',
  silent: 'Its sender has stopped reporting it',
  unstable_id: 'May repeat another alert under a new id; will be checked again',
  rejected: 'FreeScout rejected the ticket',
  filing: 'Being filed',
  resolved_before_filing: 'Resolved before a ticket was filed',
  closed: 'The ticket of this outage is no longer open',
  no_alert: 'This status raises no alert',
  undecided: 'No decision yet',
} satisfies Record<SuppressionReason, string> & Record<string, string>;

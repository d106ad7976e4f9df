/** The audit log names this as the person who acted in a command. */
export const AUDIT_ACTOR = 'command line';

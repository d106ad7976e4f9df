/**
 * Sources of alerts, tickets and messages of the program itself. A sender of one of them could raise or end alerts in its
 * name, or have a message taken for one that was sent already.
 */
const OWN_SOURCES = new Set(['status_poller', 'console', 'reconciler', 'umbrella']);

export const isOwnSource = (source: string): boolean => OWN_SOURCES.has(source);

/** Sources of alerts and tickets of the program itself. A sender of one of them could raise or end alerts in its name. */
const OWN_SOURCES = new Set(['status_poller', 'console', 'reconciler']);

export const isOwnSource = (source: string): boolean => OWN_SOURCES.has(source);

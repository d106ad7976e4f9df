/**
 * The interface between machines and their host: the parameters of the actions that the host executes in the same
 * transaction as the transition, and the inputs and results of effects. All of it is plain data.
 */

export * from './protocol/alertFacts.ts';
export * from './protocol/dms.ts';
export * from './protocol/events.ts';
export * from './protocol/filingRequests.ts';
export * from './protocol/filingResults.ts';
export * from './protocol/records.ts';
export * from './protocol/severity.ts';
export * from './protocol/suppression.ts';
export * from './protocol/ticketUpdates.ts';

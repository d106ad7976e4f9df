/** What the API answers with. `satisfies` holds each shape to what the services hand over. */

export * from './answers/actors.ts';
export * from './answers/alerts.ts';
export * from './answers/customers.ts';
export * from './answers/deadLetters.ts';
export * from './answers/operations.ts';
export * from './answers/people.ts';
export * from './answers/surfaces.ts';

/** Schemas of API responses. `satisfies` keeps each in step with the model type that it describes. */

export * from './answers/actors.ts';
export * from './answers/alerts.ts';
export * from './answers/customers.ts';
export * from './answers/deadLetters.ts';
export * from './answers/operations.ts';
export * from './answers/people.ts';
export * from './answers/silences.ts';
export * from './answers/sources.ts';
export * from './answers/surfaces.ts';
export * from './answers/weekly.ts';

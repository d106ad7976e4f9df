import type { Program } from '../support/startProgram.ts';
import type { Environment } from './environment.ts';

/** No alert meets the limit of a storm, so each gets a ticket of its own. */
const NO_STORM = { STORM_MAX_TICKETS: '100000' };

/** The processes of scenarios in which each alert is filed, all with the same settings. */
export function filingProcesses({ program, databaseUrl }: Environment, url = databaseUrl) {
  const start = (command: string): Promise<Program> => program([command], { ...NO_STORM, DATABASE_URL: url });
  return {
    web: () => start('web'),
    worker: () => start('worker'),
    /** Everything in one process. */
    all: () => start('start'),
    /** As the `Procfile` has them. Alerts are sent to the web process. */
    async webAndWorker(): Promise<Program> {
      const [web] = await Promise.all([start('web'), start('worker')]);
      return web;
    },
  };
}

// A process that stops in the middle of several filings, each in its own environment, so that a test can kill it there.
// Its argument is a list of `Crash` as JSON. It prints a line when all filings have stopped.
import { readConfig } from '../../src/config/config.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { startProcess } from './startProcess.ts';

export type Moment =
  | 'before the request leaves'
  | 'while the request is answered'
  | 'before the id is recorded'
  | 'before the tags are set'
  | 'before the tags are recorded';

export interface Crash {
  settings: Record<string, string>;
  databaseUrl: string;
  /** Who requests the ticket: the alert of an outage of surface `api`, or an operator. */
  path: 'alert' | 'click';
  moment: Moment;
}

const crashes = JSON.parse(process.argv[2] ?? '[]') as Crash[];
let running = crashes.length;

/** Never resolves. Prints a line when it was called for every filing. */
const stop = (): Promise<never> => {
  running -= 1;
  if (running === 0) process.stdout.write('halfway\n');
  return new Promise(() => undefined);
};

const stopping =
  (moment: Moment) =>
  (desk: HelpDesk): HelpDesk => ({
    ...desk,
    async create(ticket, options) {
      if (moment === 'before the request leaves') return stop();
      const created = desk.create(ticket, options);
      created.catch(() => undefined);
      if (moment === 'while the request is answered') return stop();
      await created;
      if (moment === 'before the id is recorded') return stop();
      return created;
    },
    async ensureTags(id, tags, options) {
      if (moment === 'before the tags are recorded') await desk.ensureTags(id, tags, options);
      return stop();
    },
  });

await Promise.all(
  crashes.map(async ({ settings, databaseUrl, path, moment }) => {
    const started = startProcess(readConfig(settings), databaseUrl, [], stopping(moment));
    await started.check('api', 'up', 'down');
    if (path === 'click') await started.investigate('api', 'olga');
  }),
);

// A process that is in the middle of several filings, each in a house of its own, when it is killed as if the power went.
// Its argument is a list of `Crash` as JSON. It says on its standard output when it has come as far as it goes.
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
  /** Who asks for the ticket: the alert of the outage of surface `api`, or an operator. */
  path: 'alert' | 'click';
  moment: Moment;
}

const crashes = JSON.parse(process.argv[2] ?? '[]') as Crash[];
let stillGoing = crashes.length;

/** Goes no further, and says so once all filings have come to their moments. */
const stop = (): Promise<never> => {
  stillGoing -= 1;
  if (stillGoing === 0) process.stdout.write('halfway\n');
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
    const mine = startProcess(readConfig(settings), databaseUrl, [], stopping(moment));
    await mine.check('api', 'up', 'down');
    if (path === 'click') await mine.investigate('api', 'olga');
  }),
);

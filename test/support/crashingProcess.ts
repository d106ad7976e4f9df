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

const stopping =
  (moment: Moment, onStop: () => void) =>
  (desk: HelpDesk): HelpDesk => {
    /** Never resolves. */
    const stop = (): Promise<never> => {
      onStop();
      return new Promise(() => undefined);
    };
    return {
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
    };
  };

/** Starts a filing, and resolves when it has stopped. Rejects if its click is answered before that. */
const halfway = ({ settings, databaseUrl, path, moment }: Crash): Promise<void> =>
  new Promise((resolve, reject) => {
    const started = startProcess(readConfig(settings), databaseUrl, [], stopping(moment, resolve));
    const request = async () => {
      await started.check('api', 'up', 'down');
      if (path === 'alert') return;
      const answer = await started.investigate('api', 'olga');
      reject(new Error(`the click was answered: ${JSON.stringify(answer)}`));
    };
    request().catch(reject);
  });

// A click is answered within 15 s, so on a busy machine it does not share the processor with every alert. A request
// that is under way at the end comes last.
const comesFirst = ({ path, moment }: Crash) => path === 'alert' && moment !== 'while the request is answered';
await Promise.all(crashes.filter(comesFirst).map(halfway));
await Promise.all(crashes.filter((crash) => !comesFirst(crash)).map(halfway));
process.stdout.write('halfway\n');

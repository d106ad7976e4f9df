// A process that files one ticket and dies on the way as if the power went: its argument is a `Crash` as JSON.
import { readConfig } from '../../src/config.ts';
import type { HelpDesk } from '../../src/tickets/port.ts';
import { startProcess } from './process.ts';

export type Moment =
  | 'before the request leaves'
  | 'while the request is answered'
  | 'before the id is recorded'
  | 'before the tags are set'
  | 'before the tags are recorded';

export interface Crash {
  settings: Record<string, string>;
  databaseUrl: string;
  /** Which surface goes down. */
  surfaceId: string;
  /** Who asks for the ticket: the alert of the outage, or an operator. */
  path: 'alert' | 'click';
  moment: Moment;
}

const { settings, databaseUrl, surfaceId, path, moment } = JSON.parse(process.argv[2] ?? '{}') as Crash;

const die = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => undefined);
};

const dying = (desk: HelpDesk): HelpDesk => ({
  ...desk,
  async create(ticket, options) {
    if (moment === 'before the request leaves') await die();
    const created = desk.create(ticket, options);
    if (moment === 'while the request is answered') setTimeout(die, 300);
    await created;
    if (moment === 'before the id is recorded') await die();
    return created;
  },
  async ensureTags(id, tags, options) {
    if (moment === 'before the tags are set') await die();
    await desk.ensureTags(id, tags, options);
    await die();
  },
});

const mine = startProcess(readConfig(settings), databaseUrl, [], dying);
await mine.check(surfaceId, 'up', 'down');
if (path === 'click') await mine.investigate(surfaceId, 'olga');

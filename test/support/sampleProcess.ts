// A process that runs the jobs of the sample machine and never finishes its first effect. Its argument is the URL of the
// database. It prints a line when the effect has started.
import { createHost } from '../../src/actors/host.ts';
import { createRegistry } from '../../src/actors/registry.ts';
import { UNWATCHED } from '../../src/db/databaseClock.ts';
import { createPool } from '../../src/db/pool.ts';
import { createLog } from '../../src/log/log.ts';
import { sampleEntry } from './sampleMachine.ts';

const databaseUrl = process.argv[2] ?? '';
const log = createLog({ level: 'silent' });
const host = createHost({
  pool: createPool(databaseUrl, 4, log),
  databaseUrl,
  clock: UNWATCHED,
  registry: createRegistry([sampleEntry]),
  log,
  writers: {},
  router: async () => () => null,
  handlers: {
    work: {
      run: () => {
        process.stdout.write('begun\n');
        return new Promise(() => undefined);
      },
      patience: () => null,
    },
  },
  concurrency: { urgent: 1, other: 2 },
});
host.start('all');

import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';

/**
 * Loaded before the program with `--profiles`. Writes a profile of the processor time from the start to the end of the
 * process, for DevTools and the like; `--cpu-prof` would do the same, but is not allowed where options of Node.js are inherited.
 */
const folder = process.env.PROFILES_DIR ?? '.';
const INTERVAL_MICROSECONDS = 200;

const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: INTERVAL_MICROSECONDS });
session.post('Profiler.start');

process.once('exit', () => {
  const [, , command = 'start'] = process.argv;
  session.post('Profiler.stop', (_error, { profile }) => {
    writeFileSync(join(folder, `${command}-${process.pid}.cpuprofile`), JSON.stringify(profile));
  });
});

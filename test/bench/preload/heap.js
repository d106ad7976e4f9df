import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded before the program by the scenario `soak`. At each SIGUSR2 the garbage is collected, and what is left is printed on
 * a line of its own.
 */
const MIB = 1_024 * 1_024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.stdout.write(
    `heap ${JSON.stringify({ heap: heapUsed / MIB, external: external / MIB, resident: rss / MIB })}\n`,
  );
});

/** With half a second between them, two and a half minutes on an idle machine. Effects are retried every minute at least. */
const MOST_CHECKS = 300;

/**
 * Tells slow work from stuck work: there is progress while less is left than ever before. Checks are counted and not
 * seconds, since they come more slowly, too, if the machine is too busy for the program.
 */
export function createProgressWatch(mostChecks = MOST_CHECKS) {
  let least = Number.POSITIVE_INFINITY;
  let checks = 0;

  return {
    /** To be called at every check, with how much is left. */
    isStuck(left: number): boolean {
      checks = left < least ? 0 : checks + 1;
      least = Math.min(least, left);
      return checks >= mostChecks;
    },
  };
}

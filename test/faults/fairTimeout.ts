const TICK_MS = 100;
/** Two ticks further apart than this count as so far apart: the machine was too busy to run this process, and the others. */
const MOST_MS = 200;

/** Calls back after this time, without the time in which timers were late. Returns a function that cancels it. */
export function fairTimeout(ms: number, callback: () => void, now = () => performance.now()): () => void {
  let left = ms;
  let last = now();
  const timer = setInterval(() => {
    const at = now();
    left -= Math.min(at - last, MOST_MS);
    last = at;
    if (left > 0) return;
    clearInterval(timer);
    callback();
  }, TICK_MS);
  return () => clearInterval(timer);
}

/**
 * Loaded ahead of the program into the processes of a fault run: their clock jumps at a signal. An hour forward at the
 * first SIGUSR2, an hour back at the next, and right again at the third. Timers and the steady clock go on as they were.
 */
const HOUR_MS = 3_600_000;
const STEPS = [HOUR_MS, -HOUR_MS, 0];

let steps = 0;
let offset = 0;
const real = Date.now.bind(Date);

globalThis.Date = new Proxy(Date, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [real() + offset] : args, newTarget),
  apply: () => new Date().toString(),
  get: (target, key, receiver) => (key === 'now' ? () => real() + offset : Reflect.get(target, key, receiver)),
});
process.on('SIGUSR2', () => {
  offset = STEPS[steps % STEPS.length] ?? 0;
  steps += 1;
});

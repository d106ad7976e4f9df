/**
 * Loaded before the program in the processes of a fault run. At the first SIGUSR2 the clock jumps an hour forward, at the
 * second an hour back, and at the third to the right time. Timers and `performance.now()` are not affected.
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

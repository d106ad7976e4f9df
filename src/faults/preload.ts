/**
 * Loaded into the program's processes ahead of the program, by a fault run only: `node --import <this file>?control=…`.
 * The clock steps at a signal, and a control run takes one safeguard away, so that the program itself knows of neither.
 */
import pg from 'pg';

const HOUR_MS = 3_600_000;
const STEPS = [HOUR_MS, -HOUR_MS, 0];

/** An hour forward at the first SIGUSR2, an hour back at the next, and right again at the third. */
function stepTheClock(): void {
  let steps = 0;
  let offset = 0;
  const real = Date.now.bind(Date);
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [real() + offset] : args, newTarget) as Date,
    apply: () => new Date().toString(),
    get: (target, key, receiver) => (key === 'now' ? () => real() + offset : Reflect.get(target, key, receiver)),
  });
  process.on('SIGUSR2', () => {
    offset = STEPS[steps % STEPS.length] ?? 0;
    steps += 1;
  });
}

/** Statements of the actor host, and what is left of each without its safeguard. */
const WITHOUT: Record<string, [whole: string, part: string][]> = {
  'no-lock': [[' order by id for update', ' order by id']],
  'no-event-id': [
    ['on h.actor_id = x.actor_id and h.event_id = x.event_id', 'on false'],
    ['select actor_id, rev, event_id, event, from_state', 'select actor_id, rev, null, event, from_state'],
  ],
};

function without(safeguard: string): void {
  const changes = WITHOUT[safeguard];
  if (!changes) throw new Error(`there is no control run "${safeguard}"`);
  const original: unknown = Reflect.get(pg.Client.prototype, 'query');
  if (typeof original !== 'function') throw new Error('the database driver has no query to take it from');
  Reflect.set(pg.Client.prototype, 'query', function (this: pg.Client, first: unknown, ...rest: unknown[]): unknown {
    const text =
      typeof first === 'string' ? changes.reduce((sql, [whole, part]) => sql.replace(whole, part), first) : first;
    return Reflect.apply(original, this, [text, ...rest]) as unknown;
  });
}

stepTheClock();
const control = new URL(import.meta.url).searchParams.get('control');
if (control !== null) without(control);

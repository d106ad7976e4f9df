import type pg from 'pg';
import { once } from '../lib/once.ts';

type Callback = Parameters<pg.Pool['connect']>[0];
type Release = Parameters<Callback>[2];

/**
 * The pool, with connections that may be released twice. The library that runs the jobs releases the connection on which
 * it listens when it stops, and again if a statement of that connection fails meanwhile. Nothing awaits the second
 * release, so that its error would end the process.
 */
export function withRepeatableRelease(pool: pg.Pool): pg.Pool {
  function connect(callback?: Callback) {
    if (!callback) return pool.connect();
    // Where no connection was free in time, the pool calls back without a release, whatever its type says.
    return pool.connect((error, client, release?: Release) =>
      callback(error, client, (release && once(release)) as Release),
    );
  }
  return new Proxy(pool, {
    get(target, name) {
      if (name === 'connect') return connect;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

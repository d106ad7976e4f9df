import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Account, CHILD_ENV } from './account.ts';

/**
 * A shell stands between us and the server. It holds one end of a pipe whose other end only we hold: when we let go of
 * it, on purpose or because we were killed, the watch asks the server to stop, and what is to be removed is removed.
 * It leads a session of its own, so that Ctrl-C in a terminal reaches us and not the database under our feet.
 */
const GUARD = `
remove=$1; shift
"$@" 3<&- &
server=$!
(read -r _; kill -INT "$server"; exit 0) <&3 3<&- >/dev/null 2>&1 &
watch=$!
exec 3<&-
trap '' HUP INT TERM
wait "$server"
kill "$watch" 2>/dev/null
# Fails when the watch had to be killed, that is when the server ended by itself.
wait "$watch" && [ -n "$remove" ] && rm -rf -- "$remove"
`;

export interface GuardedServer {
  pid: number;
  /** Resolves when server and guard are gone, or could not be spawned. */
  ended: Promise<void>;
  /** Asks the server to stop at once, without waiting for its clients, and resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts a server that cannot outlive this process. `removeAfterwards` is deleted once the server was stopped, also
 * when that is because this process was killed; a server that ends by itself leaves it as it is.
 */
export function spawnGuarded(options: {
  account: Account;
  command: readonly string[];
  logFd: number;
  removeAfterwards: string | null;
}): GuardedServer {
  const guard = spawn('/bin/sh', ['-c', GUARD, 'guard', options.removeAfterwards ?? '', ...options.command], {
    ...options.account.ids,
    cwd: '/',
    detached: true,
    env: CHILD_ENV,
    stdio: ['ignore', options.logFd, options.logFd, 'pipe'],
  });
  const lifeline = guard.stdio[3] instanceof Socket ? guard.stdio[3] : null;
  const ended = new Promise<void>((resolve) => {
    guard.once('exit', () => resolve());
    guard.once('error', () => resolve());
  });
  // Neither a running server nor the pipe to it is a reason for this process to stay.
  guard.unref();
  lifeline?.unref();
  lifeline?.on('error', () => undefined);

  const stop = async (): Promise<void> => {
    guard.ref();
    lifeline?.destroy();
    await ended;
  };
  return { pid: guard.pid ?? 0, ended, stop };
}

import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type Account, CHILD_ENV } from './account.ts';

/**
 * A shell supervises the server. It reads from a pipe of which only this process holds the other end. When this process
 * closes the pipe or dies, the shell stops the server and deletes the folder to be removed, if any.
 * The shell runs in its own session, so that Ctrl-C in a terminal does not stop the database before the program.
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
# Fails when the watch was killed above, which means that the server ended by itself.
wait "$watch" && [ -n "$remove" ] && rm -rf -- "$remove"
`;

export interface GuardedServer {
  pid: number;
  /** Resolves when the server and its shell have ended, or could not be started. */
  ended: Promise<void>;
  /** Stops the server without waiting for its clients; resolves when it has ended. */
  stop(): Promise<void>;
}

/**
 * Starts a server that cannot outlive this process. `removeAfterwards` is deleted when the server is stopped, also
 * because this process was killed. It is kept when the server ends by itself.
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
  // Neither the server nor the pipe keeps this process running.
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

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync } from 'node:fs';
import { type Account, CHILD_ENV } from '../../src/sandbox/postgres/account.ts';

/** Server programs that do not outlive this process. */
export interface Children {
  start(name: string, command: string, args: readonly string[], cwd: string): ChildProcess;
  /** Also ends this process when this process ends. */
  adopt(pid: () => number | null): void;
  stop(): Promise<void>;
}

/** `folder`: where each writes its log file. */
export function createChildren(account: Account, folder: string): Children {
  const children: ChildProcess[] = [];
  const adopted: (() => number | null)[] = [];
  const killAll = () => {
    for (const child of children) signal(child.pid, 'SIGKILL');
    for (const pid of adopted) for (const each of familyOf(pid())) signal(each, 'SIGKILL');
  };
  process.once('exit', killAll);
  return {
    start(name, command, args, cwd) {
      const log = openSync(`${folder}/${name}.log`, 'a');
      const env = { ...CHILD_ENV, PATH: `${CHILD_ENV.PATH}:/usr/sbin`, HOME: cwd };
      const child = spawn(command, [...args], { ...account.ids, cwd, env, stdio: ['ignore', log, log] });
      child.on('error', (error) => {
        process.stderr.write(`${command} cannot be started: ${error.message}\n`);
        process.exit(1);
      });
      children.push(child);
      return child;
    },
    adopt: (pid) => void adopted.push(pid),
    async stop() {
      const ended = children.map((child) =>
        child.exitCode !== null || child.signalCode !== null
          ? null
          : new Promise((resolve) => child.once('exit', resolve)),
      );
      killAll();
      await Promise.all(ended);
      process.off('exit', killAll);
    },
  };
}

export function signal(pid: number | null | undefined, name: NodeJS.Signals): void {
  try {
    if (pid) process.kill(pid, name);
  } catch {
    // It has ended already.
  }
}

/** The process and those that it started, as Linux lists them. */
export function familyOf(pid: number | null): number[] {
  if (pid === null) return [];
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '');
    return Number(fields.split(' ')[1]);
  } catch {
    return null;
  }
}

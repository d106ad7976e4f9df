import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { OPERATIONS_MAILBOX_ID } from './stubs/freescout.ts';
import type { Arrived, Orders, Started } from './stubs/process.ts';

/** FreeScout, Slack and the watched services, in a process of their own. */
export interface Stubs {
  url: string;
  pid: number;
  /** A Koa application that only answers `ok`. */
  koaUrl: string;
  /** The environment variables that point the program to them. */
  settings: Record<string, string>;
  /** Everything that arrived since the last call. */
  take(): Arrived[];
  /** Resolves when `isEnough` accepts what has arrived since the last `take`. */
  until(isEnough: (arrived: readonly Arrived[]) => boolean): Promise<void>;
  /** Takes all services down, or brings them up again. */
  setDown(down: boolean): void;
  stop(): Promise<void>;
}

export async function startStubs(latencyMs: number): Promise<Stubs> {
  const child = fork(fileURLToPath(new URL('stubs/process.ts', import.meta.url)), [String(latencyMs)], {
    execArgv: ['--import', 'tsx'],
  });
  const ended = once(child, 'exit');
  const early = ended.then(([code]) => Promise.reject(new Error(`the stubs ended with ${code}`)));
  early.catch(() => undefined);
  const [first] = (await Promise.race([once(child, 'message'), early])) as [Started];
  let arrived: Arrived[] = [];
  const waiting = new Set<() => void>();
  child.on('message', (message: Arrived) => {
    arrived.push(message);
    for (const check of waiting) check();
  });
  return {
    url: first.started,
    pid: child.pid ?? 0,
    koaUrl: first.koa,
    settings: {
      FREESCOUT_BASE_URL: first.started,
      FREESCOUT_API_KEY: 'bench-key-0000000000000000000000',
      FREESCOUT_OPERATIONS_MAILBOX_ID: String(OPERATIONS_MAILBOX_ID),
      SLACK_BOT_TOKEN: 'xoxb-bench',
      SLACK_DM_USER_ID: 'U1',
      SLACK_API_URL: `${first.started}/slack/`,
      FLAG_CONSOLE_ALERTS_AUTO_TICKET: '1',
      FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: '1',
    },
    take() {
      const taken = arrived;
      arrived = [];
      return taken;
    },
    until(isEnough) {
      return new Promise((resolve) => {
        const check = () => {
          if (!isEnough(arrived)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      });
    },
    setDown: (down) => void child.send({ down } satisfies Orders),
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

import { type App, startApp } from '../../app/app.ts';
import type { Config } from '../../config/config.ts';
import { fetchWithin } from '../../lib/fetchWithin.ts';
import type { Log } from '../../log/log.ts';
import type { SandboxFreeScout } from '../freescout/sandboxFreeScout.ts';

/** A response of the program, with its JSON body. */
export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const ANSWER_MS = 25_000;

interface Deps {
  config: Config;
  log: Log;
  freescout: SandboxFreeScout;
}

/** The real program of one drill: it can be stopped and started again, and it takes HTTP requests while it runs. */
export function createDrillProgram({ config, log, freescout }: Deps) {
  let app: App | null = null;

  return {
    async start(): Promise<void> {
      app = await startApp({ config, role: 'all', log });
      // Changes made by hand in FreeScout reach the program at once.
      freescout.control.webhook(`${app.url}/api/webhooks/freescout`);
    },
    async stop(): Promise<void> {
      await app?.stop();
      app = null;
    },
    async send(method: string, path: string, token: string, body?: object): Promise<Answer> {
      const { status, text } = await fetchWithin(ANSWER_MS, `${app?.url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', 'Content-Type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status, body: JSON.parse(text) as Answer['body'] };
    },
  };
}

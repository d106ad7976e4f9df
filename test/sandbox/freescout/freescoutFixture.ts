import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { onTestFinished } from 'vitest';
import {
  type SandboxFreeScout,
  type SandboxFreeScoutOptions,
  startSandboxFreeScout,
} from '../../../src/sandbox/freescout/sandboxFreeScout.ts';

export const API_KEY = '0123456789abcdef0123456789abcdef';

export interface FreeScoutFixture {
  sandbox: SandboxFreeScout;
  /** Sends the key and accepts JSON; never throws on a status and follows no redirect. */
  api: AxiosInstance;
  /** Sends no default headers. */
  bare: AxiosInstance;
  /** Files a ticket and returns its id. */
  file(fields?: Record<string, unknown>): Promise<number>;
}

/** A sandbox FreeScout for one test. */
export async function startFreeScoutFixture(options: Partial<SandboxFreeScoutOptions> = {}): Promise<FreeScoutFixture> {
  const sandbox = await startSandboxFreeScout({ apiKey: API_KEY, ...options });
  onTestFinished(() => sandbox.stop());
  const usual = { baseURL: sandbox.url, validateStatus: () => true, maxRedirects: 0, proxy: false as const };
  const bare = axios.create({ ...usual, headers: { Accept: '*/*' } });
  const headers = { Accept: 'application/json', 'X-FreeScout-API-Key': API_KEY };
  const api = axios.create({ ...usual, headers });
  return {
    sandbox,
    api,
    bare,
    async file(fields = {}) {
      const answer = await api.post('/api/conversations', ticket(fields));
      return Number(answer.headers['resource-id']);
    },
  };
}

/** The smallest body that files a ticket in the operations mailbox. */
export function ticket(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'email',
    mailboxId: 2,
    subject: '[AT-0123456789] DOWN: API',
    status: 'active',
    imported: true,
    customer: { email: 'bot@console.example' },
    threads: [{ type: 'customer', text: '<p>It is down.</p>' }],
    ...fields,
  };
}

/** The single error in an error response. */
export function errorOf(answer: AxiosResponse): { path: string; message: string } {
  return answer.data._embedded.errors[0];
}

export function idsOf(answer: AxiosResponse): number[] {
  return answer.data._embedded.conversations.map(({ id }: { id: number }) => id).sort((a: number, b: number) => a - b);
}

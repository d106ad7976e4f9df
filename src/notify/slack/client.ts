import { WebClient } from '@slack/web-api';
import type { Log } from '../../log/log.ts';
import { MessageError } from '../port.ts';
import { boundedResponse } from './boundedResponse.ts';
import { messageError, type Wire } from './errors.ts';

export interface SlackSettings {
  botToken: string | null;
  /** The person who gets the direct messages, e.g. U012AB3CD. */
  dmUserId: string | null;
  /** Another base address than Slack's own; null for Slack. */
  apiUrl: string | null;
}

export interface SlackDeps {
  log: Pick<Log, 'warn'>;
  metrics?: { slackCall(method: string, outcome: string, ms: number): void };
  /** How long one call may take, in milliseconds. */
  timeoutMs?: number;
}

interface CallOptions<R, T> {
  signal: AbortSignal | undefined;
  /** Whether a call without a usable answer may have carried something out. */
  hasEffect: boolean;
  make(client: WebClient): Promise<R>;
  /** Takes what is needed out of the answer; undefined where it is not there. */
  read(result: R): T | undefined;
}

/** One call to Slack, with its failure logged, counted and told as a `MessageError`. */
export type SlackCall = <R, T>(method: string, options: CallOptions<R, T>) => Promise<T>;

/** The library reports every step, request headers included; one line for each failure is enough. */
const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as never,
  setName() {},
};

export function createSlackCall(settings: SlackSettings, { log, metrics, timeoutMs = 10_000 }: SlackDeps): SlackCall {
  function clientFor(wire: Wire, signal: AbortSignal | undefined): WebClient {
    const { botToken, dmUserId, apiUrl } = settings;
    if (botToken === null || dmUserId === null || !/^[\x21-\x7e]+$/.test(botToken)) {
      const message = 'Direct messages are not configured: set SLACK_BOT_TOKEN and SLACK_DM_USER_ID.';
      throw new MessageError(message, { retryable: false, code: 'not_configured' });
    }
    return new WebClient(botToken, {
      ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
      logger: silentLogger,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      timeout: timeoutMs,
      fetch: async (url, init) => {
        signal?.throwIfAborted();
        wire.started = true;
        const signals = [init?.signal, signal].filter((one) => one !== undefined);
        // A redirect is an answer like any other: to follow it would hand the token to whoever it names.
        const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(signals) });
        wire.status = response.status;
        wire.retryAfter = response.headers.get('retry-after');
        wire.date = response.headers.get('date');
        return boundedResponse(response);
      },
    });
  }

  return async (method, { signal, hasEffect, make, read }) => {
    const began = performance.now();
    const wire: Wire = { started: false, status: undefined, retryAfter: null, date: null };
    try {
      const value = read(await make(clientFor(wire, signal)));
      // Slack said yes without saying what we need to know.
      if (value === undefined) throw new Error('unreadable answer');
      metrics?.slackCall(method, 'ok', performance.now() - began);
      return value;
    } catch (error) {
      const failure = messageError(method, error, wire, hasEffect);
      const { code, retryable, inDoubt, retryAfterMs } = failure;
      metrics?.slackCall(method, code ?? 'unknown', performance.now() - began);
      log.warn(
        { method, code, http_status: wire.status, retryable, in_doubt: inDoubt, retry_after_ms: retryAfterMs },
        'slack message failed',
      );
      throw failure;
    }
  };
}

import { WebClient } from '@slack/web-api';
import { SLACK_NEEDS, unsetOf } from '../../config/notConfigured.ts';
import { withAnySignal } from '../../lib/withAnySignal.ts';
import type { Log } from '../../log/log.ts';
import { createOutgoing, type Outgoing } from '../../net/outgoing.ts';
import { MessageError } from '../port.ts';
import { boundedResponse } from './boundedResponse.ts';
import { messageError, type Wire } from './errors.ts';

export interface SlackSettings {
  botToken: string | null;
  /** The person who gets the direct messages, e.g. U012AB3CD. */
  dmUserId: string | null;
  /** Base URL in place of Slack's own; null for Slack. */
  apiUrl: string | null;
}

export interface SlackDeps {
  log: Pick<Log, 'warn'>;
  metrics?: { slackCall(method: string, outcome: string, ms: number): void };
  /** Timeout of one call in milliseconds; default 10 s. */
  timeoutMs?: number;
  /** Directly if left out. */
  outgoing?: Outgoing;
}

/** Far more than the largest page of a conversation's history. */
const MAX_BYTES = 5 * 1024 * 1024;

interface CallOptions<R, T> {
  signal: AbortSignal | undefined;
  /** Asked right before the request leaves; false if it is too late for it. */
  mayLeave?: (() => boolean) | undefined;
  /** Whether the call changes something, so that a lost answer leaves it in doubt. */
  hasEffect: boolean;
  make(client: WebClient): Promise<R>;
  /** Extracts the result; undefined if the answer does not contain it. */
  read(result: R): T | undefined;
}

/** One call to Slack. Failures are logged, counted and thrown as MessageError. */
export type SlackCall = <R, T>(method: string, options: CallOptions<R, T>) => Promise<T>;

export function notConfigured(settings: SlackSettings): MessageError {
  const unset = unsetOf(SLACK_NEEDS, { ...settings, botToken: usableToken(settings) });
  return new MessageError(`Slack is not connected: ${unset.join(' and ')} must be set.`, {
    retryable: false,
    code: 'not_configured',
  });
}

/** Null if the token cannot be sent in a header. */
const usableToken = ({ botToken }: SlackSettings): string | null =>
  botToken !== null && /^[\x21-\x7e]+$/.test(botToken) ? botToken : null;

/** The library logs every step including request headers; one line per failure is enough. */
const silentLogger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => 'error' as never,
  setName() {},
};

export function createSlackCall(settings: SlackSettings, deps: SlackDeps): SlackCall {
  const { log, metrics, timeoutMs = 10_000, outgoing = createOutgoing() } = deps;

  function clientFor(wire: Wire, signal: AbortSignal | undefined, mayLeave: (() => boolean) | undefined): WebClient {
    const { apiUrl } = settings;
    const botToken = usableToken(settings);
    if (botToken === null) throw notConfigured(settings);
    return new WebClient(botToken, {
      ...(apiUrl === null ? {} : { slackApiUrl: apiUrl }),
      logger: silentLogger,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      allowAbsoluteUrls: false,
      timeout: timeoutMs,
      fetch: async (url, init) => {
        signal?.throwIfAborted();
        if (mayLeave?.() === false) throw new Error('this process was suspended');
        wire.started = true;
        return withAnySignal([init?.signal, signal], async (any) => {
          // Redirects are not followed: that would send the token to another host.
          const response = await outgoing.fetch(url, { ...init, signal: any }, MAX_BYTES);
          wire.status = response.status;
          wire.retryAfter = response.headers.get('retry-after');
          wire.date = response.headers.get('date');
          const { bounded, isSlack } = await boundedResponse(response);
          wire.isSlack = isSlack;
          return bounded;
        });
      },
    });
  }

  return async (method, { signal, mayLeave, hasEffect, make, read }) => {
    const began = performance.now();
    const wire: Wire = { started: false, status: undefined, isSlack: false, retryAfter: null, date: null };
    try {
      const value = read(await make(clientFor(wire, signal, mayLeave)));
      // A success without the data that we need.
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

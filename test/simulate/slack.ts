import type { DmRequest } from '../../machines/shared/protocol.ts';
import { MessageError, type Messenger } from '../../src/notify/port.ts';
import type { Clock, Owner } from './clock.ts';

/** A Slack that loses what Slack loses. */

export interface SlackMessage {
  ts: string;
  marker: string;
  request: DmRequest;
  /** Somebody wanted to know whether it stands, and Slack did not let him look. */
  unseen: boolean;
}

/** How the next call goes wrong: not done, nobody knows whether it was done and it was not, or it was. */
export type SlackMishap = 'refused' | 'vanishes' | 'lost';

const WIRE_MS = 20;
const RESET_MS = 200;

export function createSlack(clock: Clock) {
  const messages: SlackMessage[] = [];
  const mishaps: SlackMishap[] = [];
  const state = { hidden: false };

  function call<T>(owner: Owner, signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    const how = mishaps.shift();
    return new Promise((resolve, reject) => {
      const fail = (inDoubt: boolean) => reject(new MessageError('Slack does not answer', { inDoubt }));
      if (signal?.aborted) return fail(false);
      signal?.addEventListener('abort', () => clock.wake(0, owner, () => fail(true)), { once: true });
      if (how === 'refused') return clock.wake(WIRE_MS, owner, () => fail(false));
      if (how) clock.wake(RESET_MS, owner, () => fail(true));
      if (how === 'vanishes') return;
      clock.in(WIRE_MS, null, () => {
        const value = effect();
        if (!how) clock.wake(WIRE_MS, owner, () => resolve(value));
      });
    });
  }

  /** What one process has of it, for sending one message. */
  const adapter = (owner: Owner, request: DmRequest): Messenger => ({
    send: (_message, marker, { signal } = {}) =>
      call(owner, signal, () => {
        const sent = { channel: 'D1', ts: String(messages.length + 1) };
        messages.push({ ts: sent.ts, marker, request, unseen: false });
        return sent;
      }),
    update: (_sent, _message, { signal } = {}) => call(owner, signal, () => undefined),
    findByMarker: (marker, _between, { signal } = {}) =>
      call(owner, signal, () => {
        if (state.hidden) {
          for (const message of messages) if (message.marker === marker) message.unseen = true;
          return 'hidden' as const;
        }
        const found = messages.find((message) => message.marker === marker);
        return found ? { channel: 'D1', ts: found.ts } : null;
      }),
  });

  return { state, messages, mishaps, adapter };
}

export type Slack = ReturnType<typeof createSlack>;

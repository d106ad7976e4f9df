import type { DmRequest } from '../../machines/shared/protocol.ts';
import { MessageError, type Messenger } from '../../src/notify/port.ts';
import type { Clock, Owner } from './clock.ts';

/** A model of Slack and its failures. */

export interface SlackMessage {
  ts: string;
  marker: string;
  request: DmRequest;
  /** Slack refused a look-up for it. */
  lookUpRefused: boolean;
}

/** How the next call fails. `refused`: certainly not done. `vanishes`: not done and no response. `lost`: done and no response. */
export type SlackFault = 'refused' | 'vanishes' | 'lost';

const WIRE_MS = 20;
const RESET_MS = 200;

export function createSlack(clock: Clock) {
  const messages: SlackMessage[] = [];
  const faults: SlackFault[] = [];
  const state = { hidden: false };

  function call<T>(owner: Owner, signal: AbortSignal | undefined, effect: () => T): Promise<T> {
    const how = faults.shift();
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

  /** The client of one process, for sending one message. */
  const adapter = (owner: Owner, request: DmRequest): Messenger => ({
    send: (_message, marker, { signal } = {}) =>
      call(owner, signal, () => {
        const sent = { channel: 'D1', ts: String(messages.length + 1) };
        messages.push({ ts: sent.ts, marker, request, lookUpRefused: false });
        return sent;
      }),
    update: (_sent, _message, { signal } = {}) => call(owner, signal, () => undefined),
    findByMarker: (marker, _between, { signal } = {}) =>
      call(owner, signal, () => {
        if (state.hidden) {
          for (const message of messages) if (message.marker === marker) message.lookUpRefused = true;
          return 'hidden' as const;
        }
        const found = messages.find((message) => message.marker === marker);
        return found ? { channel: 'D1', ts: found.ts } : null;
      }),
  });

  return { state, messages, faults, adapter };
}

export type Slack = ReturnType<typeof createSlack>;

import type { ClickAnswer } from '../../machines/shared/protocol.ts';
import type { Delivered } from '../actors/messages.ts';
import type { AnswerBody } from './clickBatches.ts';

/**
 * The answers that deliveries of this process have committed. A click that waits in the same process gets its answer from
 * here, and needs neither the notification nor a read.
 */
export interface OwnAnswers {
  /** Called after each commit with what was applied. */
  onDelivered(delivered: readonly Delivered[]): void;
  /** Calls back with the answer to this click. Returns how to unsubscribe. */
  on(clickId: string, answered: (body: AnswerBody) => void): () => void;
}

export function createOwnAnswers(): OwnAnswers {
  const waiting = new Map<string, (body: AnswerBody) => void>();
  return {
    onDelivered(delivered) {
      if (waiting.size === 0) return;
      for (const { clickId, body } of delivered.flatMap(answersOf)) waiting.get(clickId)?.(asStored(body));
    },
    on(clickId, answered) {
      waiting.set(clickId, answered);
      return () => waiting.delete(clickId);
    },
  };
}

/** Only the actions of a delivery that changed its actor were written. */
const answersOf = ({ applied, actions }: Delivered): ClickAnswer[] =>
  applied === 'changed'
    ? actions.flatMap(({ name, params }) => (name === 'answer' ? (params as ClickAnswer[]) : []))
    : [];

const asStored = (body: AnswerBody): AnswerBody => JSON.parse(JSON.stringify(body)) as AnswerBody;

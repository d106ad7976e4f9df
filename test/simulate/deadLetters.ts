import type { AlertContext } from '../../machines/alert/types.ts';
import type { TicketText } from '../../machines/shared/protocol.ts';
import type { Message } from '../../src/actors/messages.ts';
import type { Ledger } from './ledger.ts';
import type { EffectRow, Tables } from './tables.ts';

/** What a person writes instead of a subject that the help desk rejects. */
const WORDS: TicketText = { subject: 'Written by a person', body: 'In other words.' };

/** Replays of tickets that the help desk rejected, by the rules of `src/deadLetters/refiling.ts`, with tables in memory. */
export function createDeadLetters(deps: {
  tables: Tables;
  ledger: Ledger;
  deliver: (messages: Message[]) => { applied: string }[];
}) {
  const { tables, ledger, deliver } = deps;

  const letters = (): EffectRow[] =>
    [...tables.effects.values()].filter(
      ({ src, status }) => status === 'dead' && (src === 'fileTicket' || src === 'settleDoubt'),
    );

  /** The alerts that the letter left without a ticket. */
  function waitingFor(filingId: string): { id: string; context: AlertContext }[] {
    return [...tables.actors.values()].flatMap(({ id, snapshot }) => {
      const context = snapshot.context as AlertContext;
      const isWaiting =
        id.startsWith('alert:') &&
        (snapshot.value as { ticket?: unknown }).ticket === 'rejected' &&
        context.letter?.filingId === filingId &&
        context.letter.episode === context.episode;
      return isWaiting ? [{ id, context }] : [];
    });
  }

  function replayOne(letter: EffectRow, edited: boolean): void {
    const { filingId } = letter.input as { filingId: string };
    const waiting = waitingFor(filingId);
    for (const { id, context } of waiting) ledger.replayed.add(`${id} ${context.episode}`);
    const event = { type: 'REPLAYED', filingId, words: edited ? WORDS : null };
    const delivered = deliver(waiting.map(({ id }) => ({ to: id, event })));
    if (delivered.some(({ applied }) => applied === 'changed')) letter.status = 'done';
  }

  return {
    replay(pick: number, edited: boolean): void {
      const all = letters();
      const letter = all[pick % Math.max(1, all.length)];
      if (letter) replayOne(letter, edited);
    },
    replayAll(): void {
      for (const letter of letters()) replayOne(letter, false);
    },
  };
}

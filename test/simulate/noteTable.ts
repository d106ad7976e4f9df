import type { NoteRow, NoteStore } from '../../src/tickets/noteStore.ts';
import type { Calls } from './calls.ts';
import type { Owner } from './clock.ts';
import type { Tables } from './tables.ts';

/** The store of notes of one process, with the rules of `src/tickets/noteStore.ts` and tables in memory. */
export function createNoteTable(
  { notes }: Tables,
  { calls, owner, now }: { calls: Calls; owner: Owner; now: () => number },
): NoteStore {
  function rowOf(id: string): NoteRow {
    const { phase, attempts, attemptedAt } = notes.get(id) ?? { phase: 'planned', attempts: 0, attemptedAt: null };
    return { id, phase, attempts, sinceAttemptMs: attemptedAt === null ? null : now() - attemptedAt };
  }

  return {
    recordIntent: ({ id }, mayExist) =>
      calls.write(owner, () => {
        if (!notes.has(id) && mayExist) notes.set(id, { phase: 'attempting', attempts: 1, attemptedAt: now() });
        else if (!notes.has(id)) notes.set(id, { phase: 'planned', attempts: 0, attemptedAt: null });
        return rowOf(id);
      }),
    beginAttempt: ({ id, attempts }) =>
      calls.write(owner, () => {
        const row = notes.get(id);
        if (!row || row.attempts !== attempts || row.phase === 'written') return null;
        Object.assign(row, { phase: 'attempting', attempts: attempts + 1, attemptedAt: now() });
        return rowOf(id);
      }),
    takeBackAttempt: ({ id, attempts }) =>
      calls.write(owner, () => {
        const row = notes.get(id);
        if (row?.attempts === attempts && row.phase === 'attempting') row.phase = 'planned';
      }),
    recordWritten: (id) => calls.write(owner, () => void Object.assign(notes.get(id) ?? {}, { phase: 'written' })),
  };
}

import type { TicketUpdate, TicketUpdateResult } from '../../machines/shared/protocol.ts';
import { type SteadyClock, steadyClock, stopwatch } from '../lib/clock.ts';
import type { Places } from '../lib/places.ts';
import { composeNote } from './composeNote.ts';
import { isDoubtOver, nextLookUpMs, postWithinMs } from './doubtTimes.ts';
import type { NoteRow, NoteStore } from './noteStore.ts';
import { type CallOptions, type HelpDesk, TicketError } from './port.ts';

/**
 * Writes one internal note exactly once, with the same phases as a filing: intent (a row), attempt (committed before the
 * call), note, recorded. After an attempt in doubt the note is looked up by its marker, and it is not posted again before
 * the doubt is over. Safe to run any number of times, in any process, after a crash at any point.
 */
export interface Notes {
  /** `inMs`: run again later, because the note may still arrive or many others wait for an answer. Throws TicketError. */
  write(note: Note, run: { mayExist: boolean; signal: AbortSignal }): Promise<TicketUpdateResult | { inMs: number }>;
}

export type Note = Extract<TicketUpdate, { kind: 'note' }>;

export interface NoteDeps {
  store: NoteStore;
  desk: HelpDesk;
  settings: { timeoutMs: number; inDoubtSeconds: number };
  /** How many active alerts of a source are on an umbrella ticket. */
  onUmbrella: (source: string) => Promise<number>;
  places: Places;
  time?: SteadyClock;
}

/** Pause after an attempt that this process was too late for, because it was suspended or the database was slow. */
const AGAIN_MS = 1_000;
const WRITTEN: TicketUpdateResult = { outcome: 'done' };

export function createNotes(deps: NoteDeps): Notes {
  const { store, desk, settings, onUmbrella, places, time = steadyClock } = deps;
  const { inDoubtSeconds } = settings;

  return {
    async write(note, { mayExist, signal }) {
      // Before it asks for a place: a run that finds none leaves no doubt whether the note exists.
      const row = await store.recordIntent(note, mayExist);
      return row.phase === 'written' ? WRITTEN : places.run(() => proceed(note, row, signal));
    },
  };

  async function proceed(note: Note, row: NoteRow, signal: AbortSignal): ReturnType<Notes['write']> {
    try {
      if (row.phase === 'attempting') {
        if (await desk.hasNote(note.ticketId, note.id, { signal })) return await written(note);
        // Another process, or FreeScout itself, may still be writing it.
        if (!isDoubtOver(row.sinceAttemptMs, inDoubtSeconds)) return { inMs: lookAgainMs(row) };
      }
      const ticket = await desk.get(note.ticketId, { signal });
      if (!ticket.open) return { outcome: 'dropped', reason: `ticket is ${ticket.status}` };
      return await attempt(note, row, signal);
    } catch (error) {
      if (!(error instanceof TicketError) || error.problem !== 'not_found') throw error;
      return { outcome: 'dropped', reason: 'ticket is gone' };
    }
  }

  async function attempt(note: Note, row: NoteRow, signal: AbortSignal): ReturnType<Notes['write']> {
    const { about } = note;
    const html = composeNote(about, about.what === 'calm' ? await onUmbrella(about.source) : 0);
    // The attempt begins when its call has its turn: the wait in our own queue is no part of it.
    const posted = await desk.inTurn({ signal }, (turn) => post(note, { html, row, call: { signal, ...turn } }));
    return posted ?? written(note);
  }

  /** Null where the note was written. */
  async function post(
    note: Note,
    { html, row, call }: { html: string; row: NoteRow; call: CallOptions },
  ): Promise<{ inMs: number } | null> {
    // Read before the commit: the process may be suspended while the database answers.
    const elapsedMs = stopwatch(time);
    const begun = await store.beginAttempt(row);
    if (!begun) return { inMs: lookAgainMs({ ...row, sinceAttemptMs: 0 }) };
    let isLate = false;
    const mayLeave = () => {
      isLate = elapsedMs() > postWithinMs(settings);
      return !isLate;
    };
    try {
      if (!mayLeave()) throw new TicketError('unavailable', 'this process was suspended');
      await desk.addNote(note.ticketId, { marker: note.id, html }, { ...call, mayLeave });
      return null;
    } catch (error) {
      if (error instanceof TicketError && !error.inDoubt) await store.takeBackAttempt(begun);
      if (isLate) return { inMs: AGAIN_MS };
      throw error;
    }
  }

  async function written(note: Note): Promise<TicketUpdateResult> {
    await store.recordWritten(note.id);
    return WRITTEN;
  }

  function lookAgainMs({ sinceAttemptMs }: NoteRow): number {
    return nextLookUpMs(sinceAttemptMs, inDoubtSeconds);
  }
}

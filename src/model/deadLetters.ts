/** Dead letters: effects that could not be delivered and wait for a decision. */

export interface DeadLetter {
  id: string;
  /** The source, for a request of a sender. */
  actor_id: string;
  /** The title of the alert that it is for, as it is now; null for anything else. */
  title: string | null;
  src: string;
  /** ticket, tag, note, message or webhook. */
  kind: string;
  /** The code of the last failure, by which similar dead letters are found. */
  reason: string;
  /** The input of the effect. */
  input: unknown;
  /** What a replay would send: the input, or subject and body of a ticket; with the changes of a person, if there are any. */
  payload: unknown;
  edited: boolean;
  attempts: number;
  error: unknown;
  /** Attempts, and actions of people, newest last; entries have `at` and `what`. */
  history: unknown;
  finished_at: string;
}

export interface BulkReplay {
  replayed: number;
  refused: { id: string; message: string }[];
}

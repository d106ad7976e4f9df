/** What could not be delivered, as people see to it. */

export interface DeadLetter {
  id: string;
  actor_id: string;
  src: string;
  /** What it is: ticket, tag, note or message. */
  kind: string;
  /** The code of what went wrong last, to look for others like it. */
  reason: string;
  /** What the machine asked for. */
  input: unknown;
  /** What would be sent: the same, or the words of a ticket; as a person changed it, where one did. */
  payload: unknown;
  edited: boolean;
  attempts: number;
  error: unknown;
  /** What was tried and what people did about it, newest last; entries have `at` and `what`. */
  history: unknown;
  finished_at: string;
}

export interface BulkReplay {
  replayed: number;
  refused: { id: string; message: string }[];
}

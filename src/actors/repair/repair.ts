/** An actor that waited for something that would never have happened, and continues now. */
export interface Repair {
  /** `requeued`: only the job was missing. `restarted`: the row was missing too, or its result had been lost. */
  what: 'effect_requeued' | 'effect_restarted' | 'timer_requeued' | 'timer_restarted' | 'inbox_requeued';
  actorId: string;
  /** The effect's id, the timer's name, or how many messages there are. */
  details: { effect_id: string } | { timer_id: string } | { messages: number };
}

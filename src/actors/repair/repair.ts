/** An actor that waited for something which nobody did any more, and goes on now. */
export interface Repair {
  /** `requeued`: its row stood, its job was gone. `restarted`: the row was gone too, or had ended unheard. */
  what: 'effect_requeued' | 'effect_restarted' | 'timer_requeued' | 'timer_restarted' | 'inbox_requeued';
  actorId: string;
  /** The effect's id, the timer's name, or how many messages there are. */
  details: { effect_id: string } | { timer_id: string } | { messages: number };
}

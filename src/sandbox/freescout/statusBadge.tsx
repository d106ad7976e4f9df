import type { VNode } from 'preact';
import type { Conversation } from './model.ts';

const LOOK = { active: 'good', pending: 'warn', closed: '', spam: 'bad' } as const;

/** The status, and the state when it is not `published`. */
export function StatusBadge({ conversation }: { conversation: Conversation }): VNode {
  const { state, status } = conversation;
  return (
    <span class="row">
      <span class={`badge ${LOOK[status]}`}>{status}</span>
      {state !== 'published' && <span class="badge bad">{state === 'deleted' ? 'in the trash' : 'draft'}</span>}
    </span>
  );
}

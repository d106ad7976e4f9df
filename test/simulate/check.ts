/** What must hold in every schedule. */
export const INVARIANTS = {
  'one ticket':
    'An episode, a storm and a round of clicks have one ticket at most, and so have a surface and a status within the hour.',
  'ticket in time':
    'An active episode of P2 or worse has its ticket, or its name on the umbrella ticket, 12 minutes after the flag is on and nothing fails any more.',
  'nothing unwanted': 'Nothing is posted for an episode that has ended or a click that was answered.',
  'one audit row': 'Each ticket that was filed has exactly one audit row that says so.',
  'one answer': 'Each click is answered exactly once, within 15 s.',
  'complete tags': 'In the end every ticket has its tags.',
  'one opening':
    'An episode opens with one message, and a second only where Slack lost its answer and does not let us look.',
  'one tries': 'While the help desk fails, one filing in 30 s tries for all.',
  'no trap': 'Every state that waits has an effect, a timer or an event that ends it, and in the end nobody waits.',
  'no fault': 'No machine throws, and nothing is written that the database would refuse.',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

export interface Violation {
  invariant: InvariantName;
  what: string;
}

/** Looks after every step; `atEnd` once all has come to rest. Each answers what is wrong, or null. */
export interface Check {
  step?: () => string | null;
  atEnd?: () => string | null;
}

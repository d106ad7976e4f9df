/** What must hold in every schedule, by name. */
export const INVARIANTS = {
  'one ticket':
    'An episode, a storm and a round of clicks have at most one ticket each. So have a surface and a status within an hour, and an alert whose sender changes its id in each cycle.',
  'ticket in time':
    'An active episode of P2 or worse has its ticket, or is named on the umbrella ticket, 12 minutes after what suppressed it and the last failure have ended.',
  'right ticket':
    'An episode that begins soon enough after the last one goes on in its ticket while that is open, with a note, and in no other.',
  'short suspicion': 'An alert is suspected of being another one under a new id for three minutes at most.',
  'nothing held':
    'No ticket is posted while the flag is off, or while maintenance, an upstream outage or a silence suppresses it.',
  adoption:
    'A click files no ticket while FreeScout has an open one for its surface and status that this console does not know.',
  'nothing unwanted': 'No ticket is posted for an episode that has ended or a click that was answered.',
  'one audit row':
    'Each filed ticket has exactly one audit row, including one that appeared after its filing was closed.',
  'one answer': 'Each click is answered exactly once, within 15 s.',
  'complete tags': 'At the end every ticket has its tags.',
  'one note': 'Each internal note is on its ticket once.',
  'one opening':
    'Each recipient has one opening message for an episode, and is told once at most that its ticket is unassigned; or twice if Slack lost its response and refuses the look-up.',
  'right end': 'The end of an episode is announced exactly where somebody was told of it, also if it was silenced.',
  'one probe': 'While FreeScout fails, only one filing in 30 s probes it.',
  'no trap': 'Every waiting state has an effect, a timer or an event that ends it. At the end no actor waits.',
  'no exception': 'No machine throws, and no write violates a constraint of the database.',
} as const;

export type InvariantName = keyof typeof INVARIANTS;

export interface Violation {
  invariant: InvariantName;
  what: string;
}

/** Checks an invariant after every step, or at the end of a schedule. Returns what is wrong, or null. */
export interface Check {
  step?: () => string | null;
  atEnd?: () => string | null;
}

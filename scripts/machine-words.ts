/**
 * What the machines are for, and what their events mean. States are described in the machines themselves.
 * `machine-docs.ts` throws if a word is missing or left over.
 */
export interface Words {
  about: string;
  /** By event; the timers of the machine are named `after …`. */
  events: Record<string, string>;
}

export const WORDS: Record<string, Words> = {
  surface: {
    about: `One watched surface. Its regions run in parallel and never wait for each other: the status (\`health\`), an overload
(\`overload\`), the TLS certificate (\`certificate\`), maintenance (\`maintenance\`), the clicks on Investigate
(\`investigation\`), and the updates of tickets that clicks filed (\`upkeep\`).

A bad check makes a surface suspect, not degraded: the status changes only after as many equal checks in a row as the
settings of the surface require. During an outage the surface emits its alert with every bad check, so a lost emission
does no harm. Under maintenance it emits none.

The first click on Investigate opens a round. Further clicks during the round share its outcome, so fifty clicks file one
ticket.`,
    events: {
      CHECKED: 'A check was made: up, slow or down, with the settings of the surface at that moment.',
      REMOVED: 'The surface is no longer in the surfaces file.',
      COUNTED: 'A check was counted, and the status is up to date.',
      MAINTENANCE_SET: 'Maintenance begins, or its end is changed.',
      MAINTENANCE_ENDED: 'A person ended maintenance early.',
      'after untilMaintenanceEnds': 'The last maintenance window is over.',
      'after overloadGrace': 'The surface has answered with Retry-After for longer than its settings allow.',
      INVESTIGATE: 'An operator clicked Investigate.',
      FOUND: 'A ticket was found late for a round that was closed without one.',
      BUDGET_OVER: 'The time limit of a click is over. The click is answered without a ticket.',
      'after ticketUpdateTurn': 'A ticket update did not succeed in its turn: another waiting one goes first.',
    },
  },
  alert: {
    about: `One alert key. The region \`life\` decides what an emission means: an episode opens, continues, gets worse, flaps
or ends. The ticket (\`ticket\`), the direct messages (\`dm\`), the escalation of a ticket that nobody is assigned to
(\`escalation\`) and the ticket updates (\`upkeep\`) have regions of their own, so a ticket never waits for Slack, nor Slack
for a ticket.

An emission repeats while the alert is active, and a repeat changes nothing. An episode lasts from the first emission
until all its ids have resolved. It has at most one ticket. While it has none, the state of \`ticket\` shows why.

With \`REOPEN_WITHIN_MINUTES\`, an episode that begins soon after the end of the last one continues the ticket of that one.
The filing of the new episode reads the ticket from FreeScout: if it is open it gets a note, and if a person closed it a new
ticket is filed. The notes follow from that read: one says that the alert was back, and one that it ended again, also
where the next episode has begun meanwhile and gets another ticket or none. A window of 0 continues nothing. This is how
it interacts with the other rules:

- Flapping takes precedence. An alert whose episodes begin too often resumes its last episode, whatever ticket that has.
  During a flapping episode, further emissions share notes and send no message each. Until a surface counts as flapping,
  each of its outages is an episode of its own that continues the ticket.
- P3 gets no ticket and no note. The episode still passes the ticket on: if its severity rises, or the next episode is more
  severe, that ticket is continued.
- An umbrella ticket is never continued. An alert that was only on an umbrella ticket is filed like any new episode, and
  joins the umbrella ticket again while the storm lasts. Continuing a ticket needs no slot of the storm window (\`STORM_MAX_TICKETS\`).
- Suppression, a failing FreeScout and the flag hold back a continued ticket like a new one.
- A click on Investigate has a rule of its own: it returns the ticket of an earlier click at the same status while that is
  open and less than 60 minutes old. Alerts never continue tickets of clicks, and clicks never return tickets of alerts.`,
    events: {
      EMITTED: 'The sender reports the alert as active.',
      RESOLVED_BY_HAND: 'A person ended the episode, because its resolution was lost.',
      EXPIRED: 'The sender was silent and a person closed the ticket: the next emission is a new episode.',
      RETITLED: 'The title changed within an episode.',
      HOLD_REVIEWED: 'The suppression of the ticket was reviewed, without an emission.',
      RESOLVED: 'The sender reports the alert as resolved.',
      'after flapWindow': 'The alert was quiet for a whole window after flapping.',
      OPENED: 'An episode began.',
      RESUMED: 'The last episode continues, because episodes begin too often.',
      ESCALATED: 'The severity rose within the episode.',
      HOLD_CHANGED:
        'The suppression of the ticket began, changed or ended: a silence, the flag, maintenance, a dependency, or being offline.',
      DEPENDENT: 'This alert explains another one, which gets no ticket meanwhile. The ticket of this alert names it.',
      ENDED: 'The episode ended.',
      TRY: 'FreeScout failed, and it is the turn of this filing to try again.',
      REPLAYED: 'A person replays the dead letter of the ticket, perhaps with an edited subject and body.',
      FOUND: 'A ticket was found late for a filing that was closed without one.',
      RECONSIDER: 'The reconciler found the alert active without a decision about its ticket.',
      IDS_UNSTABLE: 'The sender uses a new id for each emission. All of them count as this alert.',
      'after secondLook': 'It is checked again whether this is an alert of its own.',
      UNLISTED: 'The umbrella that this alert joined gets no ticket.',
      'after escalation': 'The ticket of a P1 has existed for the time after which it is escalated if unassigned.',
      'after assignmentUnknown': 'FreeScout could not be read for five minutes.',
      'after reminder':
        'The filing still waits, or is still in doubt: it is reported again, in case a report was lost.',
      'after ticketUpdateTurn': 'A ticket update did not succeed in its turn: another waiting one goes first.',
    },
  },
  umbrella: {
    about: `A source that sends more alerts than get tickets of their own. One umbrella ticket lists the other alerts, and so
do grouped messages, each with many alerts. Members that join later are listed in notes on the ticket, at growing
intervals. A storm ends when no alert has joined for a while: a last note counts the alerts on the ticket and those that are
still active. The next storm gets a ticket of its own.`,
    events: {
      TICKET_MEMBER: 'An alert joins: it gets no ticket of its own.',
      TICKET_WORSE: 'A member is more severe now than when it joined.',
      TICKET_LEFT: 'A member has resolved.',
      DM_MEMBER: 'An alert has to be listed in a grouped message.',
      TRY: 'FreeScout failed, and it is the turn of this filing to try again.',
      'after reminder':
        'The filing still waits, or is still in doubt: it is reported again, in case a report was lost.',
      'after betweenListings': 'A note may list the members that joined meanwhile.',
      'after calm': 'No alert has joined for a while.',
      'after gathering': 'A message lists the alerts that arrived meanwhile.',
      'after ticketUpdateTurn': 'A ticket update did not succeed in its turn: another waiting one goes first.',
    },
  },
  grouped: {
    about: `A grouped message that an umbrella handed over, because more alerts waited than its next message could list. So
the umbrella itself keeps the alerts of at most two messages, however long Slack fails.`,
    events: { SEND: 'An umbrella hands over a message.' },
  },
  recipient: {
    about: `One of several recipients of the messages about an alert, a channel or a person, as named by the rules under
\`notify\` in the surfaces file. Each recipient has an actor of its own, so that a channel that cannot be reached delays no
other.`,
    events: { SEND: 'A message for this recipient.' },
  },
  connection: {
    about: `Whether this console is connected to the network, for all processes together. When a check fails, the self-check
targets of the surfaces file are requested. While no process reaches any of them, check results are ignored. The first
answer of a target ends that.`,
    events: {
      LOST: 'For ten seconds no process has reached any target.',
      REACHED: 'A target answers again.',
    },
  },
  helpdesk: {
    about: `The circuit breaker of FreeScout, for all processes together. While FreeScout fails, one waiting filing at a time
makes an attempt for all of them; the first success releases the others at once. A failure that lasts is reported by one
direct message, and its end by another. If no filing waits any more, a read every 30 s shows whether FreeScout works again.

A ticket that FreeScout refuses, or answers with an error, opens the breaker like any failure, because an outage may look
the same. The next filing tries at once, and its result decides: once other tickets were filed after the refusal, further
refusals of this ticket do not open the breaker; it is tried again every 30 s beside the others. A ticket gets a last try if
it was refused at least three times over more than two minutes, others were filed at least twice after its refusals, and
another was filed since its last refusal. Refused again, it becomes a dead letter; any other answer leaves it waiting. No try is
the last while the breaker is open. Three refusals in a row without a success of another ticket are an outage again.`,
    events: {
      FAILED: 'A filing could not be posted, and perhaps waits for its turn to try again.',
      COUNTED: 'A failure was counted.',
      LEFT: 'A waiting filing is no longer needed, or was refused at its turn.',
      SUCCEEDED: 'A filing succeeded.',
      'after betweenTries': 'The next filing in the queue may try.',
      'after beforeTelling': 'The failure lasts: a direct message reports it.',
    },
  },
  letters: {
    about: `The alarm for dead letters that wait too long, for all processes together. One direct message is sent when the
oldest is overdue, and the next one only after a time without overdue dead letters.`,
    events: {
      OVERDUE: 'The oldest dead letter has waited for too long.',
      CLEARED: 'No dead letter is overdue.',
    },
  },
};

/** Effects, by the names under which machines invoke them. Each is retried until it is done or becomes a dead letter. */
export const EFFECTS: Record<string, string> = {
  fileTicket: 'Files one ticket in FreeScout, exactly once: intent, attempt, ticket, tags.',
  settleDoubt: 'Looks up a ticket whose answer was lost, until the doubt is over.',
  keepTicket: 'Updates a ticket: sets its tags, or writes an internal note.',
  checkHelpdesk: 'Reads mailboxes, tags and users of FreeScout, to check whether it works again. Changes nothing.',
  sendDm: 'Sends one message through Slack, or hands it over to its recipients, each of which has an actor of its own.',
  readAssignment: 'Reads who is assigned to a ticket, until FreeScout can be read. Changes nothing.',
};

/**
 * What the machines are for, and what their events mean. States are described in the machines themselves.
 * `machine-docs.ts` throws where a word is missing or left over.
 */
export interface Words {
  about: string;
  /** By event; the timers of the machine are named `after …`. */
  events: Record<string, string>;
}

export const WORDS: Record<string, Words> = {
  surface: {
    about: `One watched surface. Four regions run side by side and never wait for each other: its status (\`health\`), its
maintenance (\`maintenance\`), the clicks on Investigate (\`investigation\`), and what is still to be written on the tickets
that clicks filed (\`upkeep\`).

A bad check makes a surface suspect, not degraded: the status changes only when as many checks in a row agree as the
surface's settings ask for. During an outage the surface emits its alert with every bad check, so a lost emission does not
matter. Under maintenance it emits none.

The first click on Investigate opens a round. Clicks that come while it lasts share its outcome, so fifty clicks file one
ticket.`,
    events: {
      CHECKED: 'A check was made: up, slow or down, with the settings of the surface at that moment.',
      REMOVED: 'The surface is no longer in the surfaces file.',
      COUNTED: 'A check was counted, and the status is settled.',
      MAINTENANCE_SET: 'Maintenance begins, or its end is changed.',
      MAINTENANCE_ENDED: 'A person ended maintenance early.',
      'after untilMaintenanceEnds': 'The last maintenance window is over.',
      'after overloadGrace': 'The surface has asked to come back later for longer than its settings allow.',
      INVESTIGATE: 'An operator clicked Investigate.',
      FOUND: 'A ticket turned up for a round that was closed without one.',
      BUDGET_OVER: 'The answer to a click is due. It is given without a ticket.',
      'after ticketUpdateTurn': 'A ticket update was not made in its turn: another one that waits goes first.',
    },
  },
  alert: {
    about: `One alert key. The region \`life\` decides what an emission means: an episode opens, goes on, gets worse, flaps or
ends. The ticket (\`ticket\`), the direct messages (\`dm\`), the message to somebody else about a ticket that nobody is
assigned to (\`escalation\`) and the ticket updates (\`upkeep\`) follow in regions of their own, so a ticket never waits for
Slack, nor Slack for a ticket.

An emission repeats while the alert is active, and a repeat changes nothing. An episode lasts from the first emission
until all its ids have resolved. It has at most one ticket. While it has none, the state of \`ticket\` says why.

With \`REOPEN_WITHIN_MINUTES\` an episode that begins soon after the last one ended continues the ticket of that one. The
filing of the new episode reads the ticket from FreeScout: an open one gets a note, and where a person closed it a new
ticket is filed. The notes follow from that read: one says that the alert was back, and one that it ended again, also
where the next episode has begun meanwhile and gets another ticket or none. A window of 0, or none, continues nothing.
Together with the other rules:

- Flapping goes first. An alert whose episodes begin too often resumes its last episode, whatever that one's ticket, and
  returns within a flapping episode share notes and have no message each. Until a surface counts as flapping, each of its
  outages is an episode of its own that continues the ticket.
- P3 gets no ticket and no note. The episode still passes the ticket on: if it rises, or the next one is worse, that
  ticket is continued.
- An umbrella ticket is never continued. An alert that was only on one is filed as any new episode, and joins the umbrella
  ticket again while the storm lasts. Continuing a ticket needs no place among \`STORM_MAX_TICKETS\`.
- Suppression, a failing FreeScout and the flag hold a continued ticket back as they would hold back a new one.
- A click on Investigate has a rule of its own: it returns the ticket of an earlier click at the same status while that is
  open and less than 60 minutes old. Alerts never continue the ticket of a click, nor a click that of an alert.`,
    events: {
      EMITTED: 'The sender reports the alert as active.',
      RESOLVED_BY_HAND: 'A person ended the episode, because its resolution got lost.',
      EXPIRED: 'The sender was silent and a person closed the ticket: what it sends next is something new.',
      RETITLED: 'The title changed within an episode.',
      HOLD_REVIEWED: 'What suppresses the ticket was looked at again, without an emission.',
      RESOLVED: 'The sender reports the alert as resolved.',
      'after flapWindow': 'The alert was quiet for a whole window after flapping.',
      OPENED: 'An episode began.',
      RESUMED: 'The last episode goes on, because episodes begin too often.',
      ESCALATED: 'The severity rose within the episode.',
      HOLD_CHANGED:
        'What suppresses the ticket began or ended: a silence, the flag, maintenance, a dependency, or being offline.',
      DEPENDENT: 'This alert explains another one, which gets no ticket meanwhile. The ticket of this one names it.',
      ENDED: 'The episode ended.',
      TRY: 'FreeScout failed, and it is the turn of this filing to try again.',
      REPLAYED: 'A person replays the dead letter of the ticket, perhaps with a subject and body of their own.',
      FOUND: 'A ticket turned up for a filing that was closed without one.',
      RECONSIDER: 'The reconciler found the alert active, and nothing decided about its ticket.',
      IDS_UNSTABLE: 'The sender uses a new id for each emission. All of them count as this alert.',
      'after secondLook': 'It is checked again whether this is an alert of its own.',
      UNLISTED: 'The umbrella that this alert joined gets no ticket.',
      'after escalation': 'The ticket of a P1 had its time to be assigned to somebody.',
      'after assignmentUnknown': 'FreeScout could not be read for five minutes.',
      'after reminder':
        'The filing still waits, or is still in doubt: it is reported again, in case a report was lost.',
      'after ticketUpdateTurn': 'A ticket update was not made in its turn: another one that waits goes first.',
    },
  },
  umbrella: {
    about: `A source that sends more alerts than get a ticket of their own. One umbrella ticket names the others, and so do
grouped messages, each naming many alerts. Members that join later are listed on the ticket in notes, with pauses that
grow. A storm ends when nothing has joined for a while: a last note says how many alerts the ticket names and how many are
still active. The next storm gets a ticket of its own.`,
    events: {
      TICKET_MEMBER: 'An alert joins: it gets no ticket of its own.',
      TICKET_LEFT: 'A member has resolved.',
      DM_MEMBER: 'An alert is to be named in a grouped message.',
      TRY: 'FreeScout failed, and it is the turn of this filing to try again.',
      'after reminder':
        'The filing still waits, or is still in doubt: it is reported again, in case a report was lost.',
      'after betweenListings': 'A note may name the members that joined meanwhile.',
      'after calm': 'Nothing has joined for a while.',
      'after gathering': 'A message names the alerts that came meanwhile.',
      'after ticketUpdateTurn': 'A ticket update was not made in its turn: another one that waits goes first.',
    },
  },
  grouped: {
    about: `A grouped message that an umbrella handed over, because more alerts waited than its next message could name. The
umbrella keeps at most two messages of alerts itself, however long Slack fails.`,
    events: { SEND: 'An umbrella hands over a message.' },
  },
  recipient: {
    about: `One of several recipients of the messages about an alert, a channel or a person: the rules under \`notify\` in the
surfaces file name it. Each recipient has an actor of its own, so that a channel that cannot be reached holds up no other.`,
    events: { SEND: 'A message for this recipient.' },
  },
  connection: {
    about: `Whether this console is connected, for the whole fleet. When a check fails, the self-check targets of the
surfaces file are asked. While none of them answers any process, check results are ignored. It ends as soon as one
answers.`,
    events: {
      LOST: 'For ten seconds no target has answered any process.',
      REACHED: 'A target answers again.',
    },
  },
  helpdesk: {
    about: `The circuit breaker of FreeScout, for the whole fleet. While FreeScout fails, one waiting filing at a time tries
for all of them; the first that succeeds releases the others at once. A failure that lasts is reported by one direct
message, and its end by another. Where no filing waits any more, a read every 30 s shows whether FreeScout works again.

A ticket that FreeScout refuses, or answers with an error, opens the breaker like any failure, because an outage may look
like that. The next filing that comes tries at once, and evidence decides: once others were filed after a ticket was
refused, its refusals open no breaker; it is tried again every 30 s beside the others. A ticket that was refused at least
three times within more than two minutes, and after whose refusals others were filed at least twice, gets a last try,
provided that another was filed since its last refusal. Refused again, it becomes a dead letter. Three refusals in a row
without a success of another ticket are an outage again.`,
    events: {
      FAILED: 'A filing could not be posted, and perhaps waits for its turn to try again.',
      COUNTED: 'A failure was counted.',
      LEFT: 'A filing that waited is not needed any more, or was refused at its turn.',
      SUCCEEDED: 'A filing succeeded.',
      'after betweenTries': 'The next in the queue may try.',
      'after beforeTelling': 'The failure lasts: a direct message says so.',
    },
  },
  letters: {
    about: `The alarm for dead letters that nobody has dealt with, for the whole fleet. One direct message is sent when the
oldest is overdue, and the next one only after none was overdue.`,
    events: {
      OVERDUE: 'The oldest dead letter has waited for too long.',
      CLEARED: 'No dead letter is overdue.',
    },
  },
};

/** Effects, by the names under which machines invoke them. Each is retried until it is done or becomes a dead letter. */
export const EFFECTS: Record<string, string> = {
  fileTicket: 'Files one ticket in FreeScout, exactly once: intent, attempt, ticket, tags.',
  settleDoubt: 'Looks for a ticket whose answer got lost, until the doubt is over.',
  keepTicket: 'Does one ticket update: sets its tags, or writes an internal note.',
  checkHelpdesk: 'Reads mailboxes, tags and users of FreeScout, to see whether it works again. Changes nothing.',
  sendDm: 'Sends one message through Slack, or hands it over to its recipients, each of which has an actor of its own.',
  readAssignment: 'Reads who is assigned to a ticket, until FreeScout can be read. Changes nothing.',
};

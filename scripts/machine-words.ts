/** What the machines are, in words for people. `machine-docs.ts` refuses to go on where a word is missing or left over. */
export interface Words {
  about: string;
  /** By event; the machine's own timers are named `after …`. */
  events: Record<string, string>;
}

export const WORDS: Record<string, Words> = {
  surface: {
    about: `One watched surface. Four things go on side by side and never wait for each other: whether it is well
(\`health\`), whether people are working on it (\`maintenance\`), what operators asked about it (\`investigation\`),
and what the tickets that they filed still have to be told (\`upkeep\`).

A bad check makes a surface suspect, not degraded: the status that people see changes only when as many checks in a
row as the surface's settings ask for say the same. During an outage it repeats the fact with every check, and whoever
missed it hears it the next time. It emits nothing while it is under maintenance.

The first click on Investigate opens a round. Clicks that come while it lasts share its outcome, so fifty of them file
one ticket. Where FreeScout's answer got lost the round stays \`doubtful\` and the ticket is looked for; nothing is
posted again from here.`,
    events: {
      CHECKED: 'A check was made: up, slow or down, with the settings of the surface at that moment.',
      REMOVED: 'The surface left the file: its outage is over without a recovery.',
      COUNTED: 'A check was counted and the status settled.',
      MAINTENANCE_SET: 'Maintenance begins, or goes on until another instant.',
      MAINTENANCE_ENDED: 'A person ended maintenance early.',
      'after untilMaintenanceEnds': 'The window is over.',
      INVESTIGATE: 'An operator clicked Investigate.',
      FOUND: 'The ticket of a click that was closed without one turned up after all.',
      BUDGET_OVER: 'An operator has waited as long as anybody should; that click is answered without a ticket.',
    },
  },
  alert: {
    about: `One alert key. \`life\` says what an emission means: an alert that begins, one that goes on, one that comes
and goes too often. From there the ticket, the direct messages and the duties towards the ticket each follow in a region
of their own, so that a ticket never waits for Slack, nor Slack for a ticket.

Emissions are standing facts: the second and the millionth change nothing. An episode lasts from the first emission
until all its ids have resolved, and has one ticket at most; where it has none, \`ticket\` stands in the state that
says why. \`cooling\` keeps an alert that flaps in one episode until it has been quiet for a whole window.`,
    events: {
      EMITTED: 'The alert is active, says its sender.',
      RESOLVED: 'It is over, says its sender.',
      'after flapWindow': 'Quiet for a whole window after flapping: the episode is over.',
      OPENED: 'An episode began.',
      RESUMED: 'The episode did not really end: it flaps.',
      ESCALATED: 'The severity rose within the episode.',
      HOLD_CHANGED:
        'What holds tickets back began or ended: the flag, maintenance, an outage above it, or being offline.',
      DEPENDENT: 'An alert that this outage explains gets no ticket of its own; it is named on the ticket of this one.',
      ENDED: 'The episode ended.',
      TRY: 'FreeScout failed, and it is this filing’s turn to try again.',
      REPLAYED: 'A person sends the refused ticket again, perhaps in words of their own.',
      FOUND: 'The ticket of a filing that was closed without one turned up after all.',
      RECONSIDER: 'The episode goes on, and nothing was decided about its ticket.',
      IDS_UNSTABLE: 'Its sender gives it a new id each time; all of them are taken for this alert.',
      'after secondLook': 'Time to look again whether it is an alert of its own.',
      UNLISTED: 'The umbrella ticket that this alert had joined came to nothing.',
      'after reminder': 'Still waiting: the help desk is told again, in case it was never heard.',
    },
  },
  umbrella: {
    about: `A source that sends more alerts than get a ticket of their own. Those that follow are named together on one
umbrella ticket, and in direct messages that name many at once. Members that join later are listed on the ticket in
batches, ever fewer the longer it lasts. A storm ends when nobody joined for a while: the ticket is told so, with how
many alerts it names and how many of them are still active. The next storm gets a ticket of its own.`,
    events: {
      TICKET_MEMBER: 'One more alert gets no ticket of its own.',
      TICKET_LEFT: 'A member is over.',
      DM_MEMBER: 'One more alert gets no message of its own.',
      TRY: 'FreeScout failed, and it is this filing’s turn to try again.',
      'after reminder': 'Still waiting: the help desk is told again, in case it was never heard.',
      'after betweenListings': 'Time to list those that joined meanwhile.',
      'after calm': 'Nobody joined for a while: the storm is over.',
      'after gathering': 'Time to name those that came meanwhile, in one message.',
    },
  },
  connection: {
    about: `Whether we ourselves are connected, for the whole fleet. When a check fails, the self-check targets of the
surfaces file are asked; while none of them answers any process, what checks see counts as nothing, and no ticket is filed
for a surface. It ends by itself as soon as one answers.`,
    events: {
      LOST: 'For ten seconds no target has answered any process.',
      REACHED: 'One answers again.',
    },
  },
  helpdesk: {
    about: `Whether FreeScout works, for the whole fleet. While it fails, one waiting filing at a time tries for all of
them; the first that gets through releases the others at once. A person hears of a failure that lasts, and of its end,
once each.`,
    events: {
      FAILED: 'A filing could not be posted, and perhaps waits for its turn to try again.',
      COUNTED: 'A failure was counted.',
      LEFT: 'A filing that waited is no longer wanted.',
      SUCCEEDED: 'A filing got through.',
      'after betweenTries': 'The next in the queue may try.',
      'after beforeForgetting':
        'Not heard of for so long, a failure says nothing about now; it counts as over where no person was told of it.',
      'after beforeTelling': 'It has failed for so long that a person should know.',
    },
  },
  letters: {
    about: `Whether dead letters lie about for too long, for the whole fleet. A person hears of it once, and anew only
after none was overdue meanwhile.`,
    events: {
      OVERDUE: 'The oldest dead letter has waited for longer than it should.',
      CLEARED: 'None has.',
    },
  },
};

/** What machines ask of the world, by the names that they invoke. Each is run again until it is done or given up. */
export const EFFECTS: Record<string, string> = {
  fileTicket: 'Files one ticket in FreeScout, exactly once: intent, attempt, ticket, tags.',
  settleDoubt: 'Looks for a ticket whose answer got lost, until the doubt is over.',
  keepTicket: 'Does one duty towards a ticket that stands: its tags, or an internal note.',
  sendDm: 'Sends one direct message through Slack.',
};

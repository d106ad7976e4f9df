/**
 * What happens from outside, and what carries it: the state, and in it the transition, of a machine; or the file that
 * decides. `machine-docs.ts` checks each reference.
 */
export interface Situation {
  situation: string;
  answer: string;
  /**
   * References to machines read `kind:state`, `kind:state LABEL` or `kind:state LABEL → state`, with labels as in the
   * pictures. A minus in front of the label says that the state does not take that event. References to files are paths.
   */
  by: string[];
}

export const SITUATIONS: Record<string, Situation[]> = {
  'An operator clicks Investigate': [
    {
      situation: 'The surface is DEGRADED or DOWN, and there is no matching open ticket',
      answer: 'files; `idempotent:false`',
      by: [
        'surface:investigation INVESTIGATE [mayInvestigate]',
        'surface:investigation.filing done file [isFiled] → idle',
      ],
    },
    {
      situation: 'Same status, and an open ticket filed 59:59 ago',
      answer: 'that ticket; `idempotent:true`',
      by: ['surface:investigation.filing done file [isFiled] → idle', 'src/tickets/findReusable.ts'],
    },
    {
      situation:
        'The surface recovered meanwhile and is at the same status again; the ticket is open and younger than 60 minutes',
      answer: 'that ticket; `idempotent:true`. A recovery does not close a ticket',
      by: ['surface:health.outage [hasRecovered] → health.operational', 'src/tickets/findReusable.ts'],
    },
    {
      situation: 'Same status, and an open ticket filed 60:00 ago or earlier',
      answer: 'files a new one, which links the old one',
      by: ['src/tickets/findReusable.ts', 'src/tickets/composeTicket.ts'],
    },
    {
      situation: 'The ticket was closed, marked as spam, trashed, deleted or moved',
      answer: 'files a new one',
      by: ['surface:investigation.idle', 'src/tickets/findReusable.ts'],
    },
    {
      situation: 'There is an open ticket for DEGRADED, and the surface is DOWN now',
      answer: 'files a new one, which links the old one: the status is part of the key',
      by: ['surface:investigation.filing', 'src/tickets/findReusable.ts'],
    },
    {
      situation: 'An alert has an open ticket for the surface',
      answer: 'files: tickets of alerts do not count',
      by: ['surface:investigation.idle', 'src/tickets/findReusable.ts'],
    },
    {
      situation: 'Fifty clicks at once, through several processes',
      answer: 'one ticket; one `idempotent:false`, 49 `true`',
      by: ['surface:investigation INVESTIGATE [mayInvestigate]', 'surface:investigation.filing'],
    },
    {
      situation:
        'Our database is empty, and FreeScout has an open ticket with both tags and this status in its subject, younger than 60 minutes',
      answer: 'adopted; `idempotent:true`',
      by: ['src/tickets/findReusable.ts', 'surface:investigation.filing done file [isFiled] → idle'],
    },
    {
      situation: 'FreeScout is down or slow, the key is wrong, the mailbox is missing, or the Tags module is off',
      answer: '`degraded:true` with a reason; what was not posted by then is cancelled',
      by: [
        'surface:investigation.filing done file [else] → idle',
        'surface:investigation BUDGET_OVER',
        'machines/surface/clickAnswers.ts',
      ],
    },
    {
      situation: 'FreeScout created the ticket, and its answer got lost',
      answer:
        'looked up at once; else `outcome_unknown`, and looked up in the background. Never posted again without a click',
      by: [
        'surface:investigation.filing done file [isInDoubt] → doubtful',
        'surface:investigation.doubtful done settle [isFiled] → idle',
        'surface:investigation.doubtful INVESTIGATE [mayInvestigate]',
        'src/tickets/filingDoubt.ts',
      ],
    },
    {
      situation: 'The ticket was created, and tagging it fails',
      answer: 'answered as filed; tagging goes on in the background',
      by: ['surface:investigation.filing done file [isFiled] → idle', 'surface:upkeep.working'],
    },
    {
      situation: 'The surface is OPERATIONAL, UNKNOWN or under maintenance',
      answer: '409 `not_degraded`',
      by: ['surface:investigation INVESTIGATE [else]', 'src/surfaces/investigate.ts'],
    },
    {
      situation: 'There is no such surface, or the flag `FLAG_CONSOLE_INVESTIGATE_FROM_STATUS` is off',
      answer: '404 `unknown_surface`; 403 `feature_disabled`',
      by: ['src/surfaces/investigate.ts'],
    },
    {
      situation: 'The surface recovers after the ticket was filed',
      answer: 'one note per recovery; the ticket stays open',
      by: ['surface:health.outage [hasRecovered] → health.operational', 'surface:upkeep.working'],
    },
  ],

  'The system fires an alert': [
    {
      situation: 'The same alert is emitted once or a million times, by any number of processes',
      answer: 'one ticket, one audit row, one opening message',
      by: ['alert:life.quiet EMITTED [else] → life.firing', 'alert:life.firing', 'src/actors/noopCache.ts'],
    },
    {
      situation: 'Its sender changes it after its end, as with a new priority in Opsgenie',
      answer: 'nothing: such a change opens no episode',
      by: ['alert:life.resolved', 'alert:life.cooling', 'src/alerts/senders/opsgenie.ts'],
    },
    {
      situation: 'It resolves, then fires again',
      answer: 'a new episode with a ticket of its own',
      by: ['alert:life.resolved EMITTED [else] → life.firing', 'alert:ticket.ticketed OPENED → ticket.deciding'],
    },
    {
      situation: 'It fires again within `REOPEN_WITHIN_MINUTES`, and its ticket is open',
      answer: 'a new episode that continues the ticket: a note, a message and an audit row `ticket_continued`',
      by: [
        'alert:life.resolved EMITTED [beginsSoon] → life.firing',
        'alert:ticket.filing done file [isContinued] → ticket.deciding',
        'src/tickets/filingAttempt.ts',
      ],
    },
    {
      situation: 'It fires again within `REOPEN_WITHIN_MINUTES`, and a person closed its ticket',
      answer: 'a new episode with a ticket of its own, which links the last one',
      by: ['alert:ticket.filing done file [isFiled] → ticket.deciding', 'src/tickets/composeTicket.ts'],
    },
    {
      situation: 'A surface goes down again within `REOPEN_WITHIN_MINUTES` after its last outage',
      answer: 'the outage belongs to the alert of the last one, which then continues its ticket or files a new one',
      by: ['machines/surface/outages.ts', 'alert:life.resolved EMITTED [beginsSoon] → life.firing'],
    },
    {
      situation: 'More than `FLAP_MAX_EPISODES` episodes begin within `FLAP_WINDOW_MINUTES`',
      answer: 'the last episode goes on, is shown as flapping, and ends when the alert was quiet for a whole window',
      by: [
        'alert:life.resolved EMITTED [beginsTooOften] → life.firing',
        'alert:life.firing RESOLVED [mayReturn] → life.cooling',
        'alert:life.cooling after flapWindow → life.resolved',
      ],
    },
    {
      situation: 'P3',
      answer: 'direct message only. When it rises to P2 or P1 in the same episode: files, and a second message',
      by: [
        'alert:ticket.deciding [isBelowThreshold] → ticket.belowThreshold',
        'alert:ticket.belowThreshold ESCALATED → ticket.deciding',
        'alert:dm ESCALATED',
      ],
    },
    {
      situation: 'P1 or P2, and the flag is on',
      answer: 'direct message and ticket',
      by: ['alert:ticket.deciding [else] → ticket.filing', 'alert:dm OPENED [isAnnounced]'],
    },
    {
      situation: '`FLAG_CONSOLE_ALERTS_AUTO_TICKET` is off',
      answer: 'direct message only. Read again right before each POST',
      by: [
        'alert:ticket.deciding [isSuppressed] → ticket.heldBack',
        'alert:ticket.filing done file [isRefusedAsSuppressed] → ticket.heldBack',
        'src/alerts/admission.ts',
      ],
    },
    {
      situation: 'Maintenance of the surface, an outage that explains this one, or this console is offline',
      answer: 'direct message only; the ticket of the outage that explains it names it',
      by: [
        'alert:ticket.deciding [isSuppressed] → ticket.heldBack',
        'alert:life DEPENDENT',
        'connection:offline',
        'src/alerts/suppression.ts',
      ],
    },
    {
      situation: 'A silence matches the alert',
      answer:
        'neither ticket nor message until the silence ends. If the alert ends before, its end is announced only if somebody was told of it',
      by: [
        'alert:ticket.deciding [isSuppressed] → ticket.heldBack',
        'alert:dm.idle ENDED [endsUntold]',
        'alert:dm.sending ENDED [isSilenced]',
        'src/alerts/silences/matching.ts',
      ],
    },
    {
      situation: 'What suppressed the ticket is over, and the alert is still active',
      answer: 'files at once, whether or not its sender repeats it. Nothing is filed for an episode that has ended',
      by: [
        'alert:life.firing HOLD_REVIEWED [suppressionChanges]',
        'alert:life.firing EMITTED [suppressionChanges]',
        'alert:ticket.heldBack HOLD_CHANGED → ticket.deciding',
        'alert:ticket.heldBack ENDED → ticket.none',
      ],
    },
    {
      situation: 'FreeScout fails',
      answer:
        'direct message all the same. One filing tries every 30 s for all processes; its success releases the others',
      by: [
        'alert:ticket.filing done file [else] → ticket.waiting',
        'helpdesk:failing.tries.pausing after betweenTries [filingsWait] → failing.tries.pausing',
        'helpdesk:failing SUCCEEDED [else] → working',
        'alert:ticket.waiting TRY → ticket.filing',
      ],
    },
    {
      situation: 'The ticket is suppressed while it waits for FreeScout',
      answer: 'it leaves the queue, and a turn that it has passes to the next filing at once',
      by: [
        'alert:ticket.waiting HOLD_CHANGED [isSuppressed] → ticket.deciding',
        'alert:ticket.filing done file [isRefusedAsSuppressed] → ticket.heldBack',
        'helpdesk:failing.tries.pausing LEFT [passesTurn] → failing.tries.pausing',
      ],
    },
    {
      situation: 'The alert resolves before FreeScout works again',
      answer: 'never filed',
      by: [
        'alert:ticket.waiting ENDED → ticket.deciding',
        'alert:ticket.deciding [isOver] → ticket.none',
        'helpdesk:failing LEFT',
      ],
    },
    {
      situation: 'FreeScout fails for 30 minutes, and works again',
      answer: 'one direct message each',
      by: [
        'helpdesk:failing.news.quiet after beforeTelling → failing.news.telling',
        'helpdesk:failing SUCCEEDED [wasTold] → back',
      ],
    },
    {
      situation: 'FreeScout created the ticket, and its answer got lost',
      answer: 'looked for until the doubt is over; only then posted again',
      by: [
        'alert:ticket.filing done file [isInDoubt] → ticket.doubtful',
        'alert:ticket.doubtful done settle [isFiled] → ticket.deciding',
        'alert:ticket.doubtful done settle [else] → ticket.filing',
      ],
    },
    {
      situation: 'FreeScout rejects this very ticket',
      answer: 'a dead letter. Not filed again in this episode, unless a person replays it',
      by: [
        'alert:ticket.filing error file [else] → ticket.rejected',
        'alert:ticket.rejected REPLAYED [isDeadLetter] → ticket.deciding',
      ],
    },
    {
      situation: 'A person closes the ticket, and the alert is still emitted',
      answer: 'nothing: one ticket per episode',
      by: ['alert:ticket.ticketed -EMITTED'],
    },
    {
      situation: 'The ticket turns out to be deleted',
      answer: 'shown and counted; not filed again in this episode',
      by: ['alert:ticket.ticketed -EMITTED', 'src/tickets/refresh.ts'],
    },
    {
      situation: 'A ticket turns up for a filing that was closed without one',
      answer: 'adopted: it is the ticket of its episode, unless that has one',
      by: [
        'alert:ticket FOUND [isMissingTicket] → ticketed',
        'alert:ticket FOUND [else]',
        'surface:investigation FOUND',
        'src/reconcile/adopt.ts',
      ],
    },
    {
      situation: 'The severity rises after filing',
      answer: 'a note on the same ticket, and a direct message',
      by: [
        'alert:life.firing EMITTED [severityRises]',
        'alert:ticket.ticketed ESCALATED',
        'alert:ticket.stormed ESCALATED',
        'alert:dm ESCALATED',
      ],
    },
    {
      situation: 'Title, details, address, surface or severity change within an episode',
      answer:
        'the newest facts are shown and written from then on; a new title is a note and a direct message too, at most five times an hour',
      by: [
        'alert:life.firing EMITTED [isRetitled]',
        'alert:life.firing EMITTED [factsChange]',
        'alert:ticket.ticketed RETITLED',
        'alert:dm RETITLED [isAnnounced]',
      ],
    },
    {
      situation: 'Its resolution got lost',
      answer:
        'an operator ends it, with a reason. If its ticket was closed and its source silent past its limit, the next emission is a new episode',
      by: [
        'alert:life RESOLVED_BY_HAND [isActive] → resolved',
        'alert:life EXPIRED [isActive] → resolved',
        'src/alerts/expiredEpisodes.ts',
      ],
    },
    {
      situation: 'It resolves',
      answer:
        'a note on the ticket, and a reply in the thread; the ticket stays open. A note for a closed or deleted ticket is dropped and audited',
      by: [
        'alert:life.firing RESOLVED [else] → life.resolved',
        'alert:ticket.ticketed ENDED',
        'alert:dm ENDED [isAnnounced]',
        'alert:upkeep.working done chore → upkeep.idle',
      ],
    },
    {
      situation: 'It resolves while its ticket is being filed',
      answer: 'nothing more is posted; a ticket that was created is recorded, and gets a note',
      by: ['alert:ticket.filing ENDED', 'alert:ticket.filing done file [episodeOfFilingIsOver] → ticket.deciding'],
    },
    {
      situation: 'A sender uses a new id in each cycle',
      answer: 'limited to one ticket, see [record 11](decisions/0011-unstable-ids.md)',
      by: [
        'alert:ticket.filing done file [isRefusedFor unstable_id] → ticket.suspect',
        'alert:ticket.suspect after secondLook → ticket.deciding',
        'alert:life.firing IDS_UNSTABLE [idsSeemStable]',
        'src/alerts/idChurnRule.ts',
      ],
    },
    {
      situation:
        'More than `STORM_MAX_TICKETS` tickets of one source in `STORM_WINDOW_MINUTES`, or `STORM_MAX_TICKETS_TOTAL` of all',
      answer:
        'further alerts join one umbrella ticket, are audited with reason `storm`, and are named in a grouped message',
      by: [
        'alert:ticket.filing done file [isRefusedFor storm] → ticket.stormed',
        'umbrella:ticket.calm TICKET_MEMBER → ticket.filing',
        'umbrella:ticket.standing.lists.listing',
        'umbrella:messages.gathering after gathering → messages.sending',
        'src/alerts/admission.ts',
      ],
    },
    {
      situation: 'A person closes the umbrella ticket during the storm',
      answer: 'members that it does not name get a new umbrella ticket',
      by: ['umbrella:ticket.standing.lists.listing done list [needsNewTicket] → ticket.filing'],
    },
    {
      situation: 'Slack fails',
      answer: 'the message is retried on its own; the ticket does not wait for it, nor the reverse',
      by: ['alert:dm.sending', 'alert:ticket.filing'],
    },
    {
      situation: 'The ticket of a P1 is unassigned for as long as a rule under `escalation` says',
      answer:
        'one message to the recipients of that rule, once per episode; none if it was assigned, closed or resolved',
      by: [
        'alert:escalation.idle [needsLook] → escalation.watching',
        'alert:escalation.verifying done assignment [isUnassigned] → escalation.telling',
        'src/notify/recipients.ts',
      ],
    },
    {
      situation: 'FreeScout cannot be read at that moment',
      answer: 'it is asked again for five minutes, and then the message says that the assignment is unknown',
      by: ['alert:escalation.verifying after assignmentUnknown → escalation.telling', 'src/app/effectHandlers.ts'],
    },
    {
      situation: 'Rules under `notify` name several recipients, and one of them cannot be reached',
      answer: 'each gets its own thread; the one that cannot be reached has dead letters, and delays no other',
      by: ['recipient:sending error dm → idle', 'src/notify/handOver.ts'],
    },
    {
      situation: 'Two full ids fall on one live alert key',
      answer:
        'one alert, which resolves when all its ids have; a WARNING, an audit row, `"collision":true` in the answer',
      by: [
        'alert:life.firing EMITTED [isNewId]',
        'alert:life.firing RESOLVED [hasOtherIds]',
        'src/alerts/aggregator.ts',
      ],
    },
    {
      situation: 'The sender falls silent without resolving',
      answer: 'stays active, shown as silent; after `ALERT_SILENT_AFTER_MINUTES` it is no longer filed anew',
      by: [
        'alert:ticket.filing done file [isRefusedFor silent] → ticket.silent',
        'alert:ticket.silent EMITTED [isRepeat] → ticket.deciding',
        'src/alerts/silentKeys.ts',
      ],
    },
    {
      situation: 'A resolution arrives for an id that is not active',
      answer: '202, and nothing changes',
      by: ['alert:life.quiet -RESOLVED', 'alert:life.resolved -RESOLVED'],
    },
    {
      situation: 'A surface goes from DEGRADED to DOWN',
      answer: 'the same alert, at the severity that the surface has for DOWN',
      by: [
        'surface:health.outage.degraded [downConfirmed] → health.outage.down',
        'surface:health.outage COUNTED [mustEmit]',
      ],
    },
    {
      situation: 'A surface is taken out of the surfaces file during an outage',
      answer: 'the episode ends at once, also where the surface is flapping, with this reason on its note',
      by: [
        'surface:health REMOVED → unknown',
        'alert:life.firing RESOLVED [else] → life.resolved',
        'alert:life.cooling RESOLVED [isFinal] → life.resolved',
      ],
    },
  ],
};

import { filed, refused, resolved } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, flagOff, joinsUmbrella, p1, p2, sent, unlisted } from '../alertEvents.ts';

/** Alerts beyond the storm limit. */
export const rows: Row[] = [
  row(
    'an alert beyond the storm limit joins the umbrella',
    [p1, sent],
    refused('storm'),
    'ticket.stormed',
    'audit skipped P1 storm',
    ...joinsUmbrella,
  ),
  row(
    'a resolved alert leaves the umbrella',
    [p1, sent, refused('storm')],
    resolved(),
    'ticket.none',
    'tell umbrella:s TICKET_LEFT',
    dm('resolved'),
  ),
  row(
    'an alert on the umbrella ticket that becomes more severe says so there',
    [p2, sent, refused('storm')],
    p1,
    'ticket.stormed',
    'tell umbrella:s TICKET_WORSE',
    dm('escalated'),
  ),
  row(
    'an alert whose umbrella is suppressed by the flag is held back',
    [p1, sent, refused('storm')],
    unlisted('flag_off'),
    'ticket.heldBack',
    'audit skipped P1 flag_off',
    'hold flag_off P1',
  ),
  row(
    'an alert whose umbrella was suppressed joins it again with the flag on',
    [p1, sent, refused('storm'), unlisted('flag_off')],
    p1,
    'ticket.stormed',
    'hold released P1',
    ...joinsUmbrella,
  ),
  row(
    'an alert whose umbrella ticket was rejected is rejected',
    [p1, sent, refused('storm')],
    unlisted('rejected'),
    'ticket.rejected',
    'audit skipped P1 rejected',
  ),
  row(
    'a late message of the umbrella changes nothing once there is a ticket',
    [p1, sent, filed(412), sent],
    unlisted('flag_off'),
    'ticket.ticketed',
  ),
  row(
    'an alert on the umbrella ticket ignores the flag',
    [p1, sent, refused('storm'), flagOff(p1)],
    p1,
    'ticket.stormed',
  ),
];

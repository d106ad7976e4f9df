import { done } from '../../support/driver.ts';
import { filed, resolved, resolvedForGood } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { dm, p1, sent } from '../alertEvents.ts';

/** The end of an episode to which a flapping surface has come back, with outages that no note counts yet. */
const outage = { ...p1, flapping: true as const };
const noted = done('chore', { outcome: 'done' });
const firstReturn = [outage, sent, filed(412), sent, resolved(), outage, sent, noted];
export const returned = [...firstReturn, ...Array(3).fill([resolved(), outage]).flat()];

const resolvedByHand = { type: 'RESOLVED_BY_HAND', by: 'mia', reason: 'lost' };
const expired = { type: 'EXPIRED', reason: 'its sender was silent' };
const notesThem = ['run keepTicket note flapping', dm('resolved')] as const;

export const rows: Row[] = [
  row(
    'outages that are not noted yet are noted when a person ends the episode',
    returned,
    resolvedByHand,
    'life.resolved',
    'audit resolved_by_hand P1 lost',
    ...notesThem,
  ),
  row(
    'outages that are not noted yet are noted when the episode expires',
    returned,
    expired,
    'life.resolved',
    ...notesThem,
  ),
  row(
    'an episode ends at once for a surface that is taken out of the file while it fails',
    returned,
    resolvedForGood(),
    'life.resolved',
    ...notesThem,
  ),
  row(
    'an episode ends at once for a surface that is taken out of the file while it is up',
    [...returned, resolved()],
    resolvedForGood(),
    'life.resolved',
    ...notesThem,
  ),
  row(
    'another resolution while the surface is up changes nothing',
    [...returned, resolved()],
    resolved(),
    'life.cooling',
  ),
];

import { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import { table } from '../support/transitionTable.ts';
import { turnRows } from '../support/turnRows.ts';
import { rows as filing } from './rows/filing.ts';
import { rows as leaving } from './rows/leaving.ts';
import { rows as listing } from './rows/listing.ts';
import { rows as messages } from './rows/messages.ts';
import { rows as storm } from './rows/storm.ts';
import { rows as ticketUpdates } from './rows/ticketUpdates.ts';
import { a, untagged } from './umbrellaEvents.ts';

const turns = turnRows([a, untagged], 'run keepTicket tag 1');
const tables = { ticketUpdates, turns, storm, listing, filing, leaving, messages };
table(umbrellaMachine, 'umbrella:s', tables);

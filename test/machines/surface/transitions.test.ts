import { surfaceMachine } from '../../../machines/surface/machine.ts';
import { table } from '../support/transitionTable.ts';
import { turnRows } from '../support/turnRows.ts';
import { rows as doubtAndBudget } from './rows/doubtAndBudget.ts';
import { rows as foundTickets } from './rows/foundTickets.ts';
import { rows as health } from './rows/health.ts';
import { rows as investigation } from './rows/investigation.ts';
import { rows as maintenance } from './rows/maintenance.ts';
import { rows as overload } from './rows/overload.ts';
import { rows as quality } from './rows/quality.ts';
import { rows as ticketUpdates } from './rows/ticketUpdates.ts';
import { ticketed, up } from './surfaceEvents.ts';

const turns = turnRows([...ticketed, up, up], 'run keepTicket note recovered');
const tables = {
  health,
  quality,
  overload,
  maintenance,
  investigation,
  doubtAndBudget,
  foundTickets,
  ticketUpdates,
  turns,
};
table(surfaceMachine, 'surface:api', tables);

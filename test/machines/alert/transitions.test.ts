import { alertMachine } from '../../../machines/alert/machine.ts';
import { resolved } from '../support/events.ts';
import { table } from '../support/transitionTable.ts';
import { turnRows } from '../support/turnRows.ts';
import { ACTOR_ID, sent, ticketed } from './alertEvents.ts';
import { rows as continuing } from './rows/continuing.ts';
import { rows as decisions } from './rows/decisions.ts';
import { rows as dependents } from './rows/dependents.ts';
import { rows as doubtful } from './rows/doubtful.ts';
import { rows as ends } from './rows/ends.ts';
import { rows as escalation } from './rows/escalation.ts';
import { rows as filing } from './rows/filing.ts';
import { rows as life } from './rows/life.ts';
import { rows as messages } from './rows/messages.ts';
import { rows as reconciled } from './rows/reconciled.ts';
import { rows as refusals } from './rows/refusals.ts';
import { rows as rejections } from './rows/rejections.ts';
import { rows as silenced } from './rows/silenced.ts';
import { rows as stormed } from './rows/stormed.ts';
import { rows as suppression } from './rows/suppression.ts';
import { rows as ticketUpdates } from './rows/ticketUpdates.ts';
import { rows as waiting } from './rows/waiting.ts';

const tables = {
  ...{ life, ends, continuing, decisions, refusals, rejections },
  ...{ filing, waiting, doubtful, stormed, suppression },
  ...{ dependents, messages, silenced, ticketUpdates, reconciled, escalation },
  turns: turnRows([...ticketed, resolved(), sent], 'run keepTicket note resolved'),
};
table(alertMachine, ACTOR_ID, tables, ['ticket.deciding']);

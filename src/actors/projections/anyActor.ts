import type { AlertContext } from '../../../machines/alert/types.ts';
import type { TicketUpdate } from '../../../machines/shared/protocol.ts';
import type { SurfaceContext } from '../../../machines/surface/types.ts';
import type { UmbrellaContext } from '../../../machines/umbrella/types.ts';
import { contextOf } from './projection.ts';

/** What several machines store under the same name. */

type NamesFiling = keyof NonNullable<AlertContext['filing']> &
  keyof NonNullable<SurfaceContext['round']> &
  keyof UmbrellaContext &
  keyof Extract<TicketUpdate, { kind: 'tag' }>;
const FILING_ID = 'filingId' satisfies NamesFiling;
const TICKET_ID = 'ticketId' satisfies keyof TicketUpdate;
const UPDATES = 'chores' satisfies keyof AlertContext & keyof SurfaceContext & keyof UmbrellaContext;

/** Whether the context of actor `row` names this filing anywhere: it is under way, or a ticket update is due for it. */
export const namesFiling = (row: string, filingId: string): string => mentions(row, `$.**.${FILING_ID}`, filingId);

/** Whether a ticket update for this filing is pending. Null if there is no such actor. */
export const hasUpdateFor = (row: string, filingId: string): string =>
  mentions(row, `$.${UPDATES}[*].${FILING_ID}`, filingId);

/** Whether an update of this ticket is pending. Null if there is no such actor. */
export const hasUpdateOf = (row: string, ticketId: string): string =>
  mentions(row, `$.${UPDATES}[*].${TICKET_ID}`, ticketId);

const mentions = (row: string, path: string, id: string): string =>
  `jsonb_path_exists(${contextOf(row)}, '${path} ? (@ == $id)', jsonb_build_object('id', ${id}))`;

/** The effects that actor `row` waits for, as a jsonb object keyed by child id. */
export const childrenOf = (row: string): string => `${row}.snapshot->'children'`;

import type { DmRequest, DmResult } from '../../machines/shared/protocol.ts';
import { type DmRow, type DmStore, OPENINGS, openingKey } from './dmStore.ts';
import type { HandOver } from './handOver.ts';
import type { Sent } from './port.ts';

/** Messages that only add a link to the ticket, new or continued. */
export const LINKS: readonly string[] = ['ticket', 'continued'];

/** Takes slots of the storm window of a source for messages, in their order. `held`: another transaction holds the row. */
export type AdmitDms = (
  source: string,
  ids: readonly string[],
) => Promise<{ taken: ReadonlySet<string>; held: ReadonlySet<string> }>;

interface Decision {
  results: Map<string, DmResult>;
  rows: Map<string, DmRow>;
  openings: Map<string, Sent>;
  /** Nothing can be decided about these at this moment. */
  held: ReadonlySet<string>;
}

/**
 * Records the intents of many messages and decides, in a few statements, which of them need no call to Slack: those that
 * were sent, or handed over to their recipients, those whose opening message was grouped with others, and openings that
 * are to be grouped. Returns the results by message, where a message without one has to be sent, and what sending it
 * needs: the opening messages by {@link openingKey}.
 */
export async function decideDms(
  {
    store,
    admit,
    handOver,
  }: { store: Pick<DmStore, 'recordIntents' | 'findOpenings'>; admit: AdmitDms; handOver?: HandOver | undefined },
  requests: readonly DmRequest[],
): Promise<Decision> {
  const rows = await store.recordIntents(requests);
  const results = new Map<string, DmResult>();
  const isOver = (row: DmRow | undefined) => row?.phase === 'sent' || row?.handedOver === true;
  for (const { id } of requests) if (isOver(rows.get(id))) results.set(id, { outcome: 'sent' });
  const undecided = () => requests.filter(({ id }) => !results.has(id));

  const held = new Set<string>();
  // A copy for one recipient was admitted with the message.
  const toAdmit = undecided().filter(({ to }) => to === undefined);
  for (const [source, ids] of openingsBySource(toAdmit.toSorted(inOrder))) {
    const slots = await admit(source, ids);
    for (const id of slots.held) held.add(id);
    for (const id of ids) if (!slots.taken.has(id) && !slots.held.has(id)) results.set(id, { outcome: 'grouped' });
  }
  // A message that may have reached Slack is sent to the end.
  const toAddress = undecided().filter(
    ({ id, to }) => to === undefined && !held.has(id) && rows.get(id)?.phase === 'planned',
  );
  for (const id of (await handOver?.(toAddress)) ?? []) results.set(id, { outcome: 'sent' });

  const replies = undecided().filter(({ kind }) => kind === 'resolved' || LINKS.includes(kind));
  const openings: Map<string, Sent> = replies.length > 0 ? await store.findOpenings(replies) : new Map();
  for (const reply of replies) if (!openings.has(openingKey(reply))) results.set(reply.id, { outcome: 'skipped' });
  return { results, rows, openings, held };
}

/** The messages of a storm that are not grouped are those of the most severe alerts, then of those that fired first. */
function inOrder(a: DmRequest, b: DmRequest): number {
  const [one = '', other = ''] = [a, b].map(({ id, body }) => JSON.stringify([body.severity, body.since, id]));
  return one < other ? -1 : 1;
}

function openingsBySource(requests: readonly DmRequest[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, kind, source } of requests) {
    if (OPENINGS.includes(kind) && source) ids.set(source, [...(ids.get(source) ?? []), id]);
  }
  return ids;
}

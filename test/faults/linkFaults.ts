import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpRelay } from '../support/tcpRelay.ts';
import type { Environment } from './environment.ts';
import type { FleetProcess } from './fleetProcess.ts';
import { count, type Ledger } from './ledger.ts';
import { endByKeepalives, KEEPALIVES_END_MS } from './linkedDatabase.ts';
import type { LinkFault } from './planFaults.ts';

/** Until then a process that could not reach the database may still be starting. */
const START_MS = 30_000;
/** Even a machine that is busy with starts locks rows by then. */
const TRANSACTION_WITHIN_MS = 30_000;
/** By then the database has locked the rows and answered. */
const LOCKED_WITHIN_MS = 500;

const BREAKS: Record<LinkFault, (link: TcpRelay) => void> = {
  link_silent: (link) => link.freeze('both'),
  link_silent_to_database: (link) => link.freeze('to_database'),
  link_silent_from_database: (link) => link.freeze('from_database'),
  link_closed_at_database: (link) => link.closeServerSide(),
  link_closed_at_process: (link) => link.closeClientSide(),
};

/** Faults of the network between one process and the database, and of a process at a moment that this network shows. */
export function createLinkFaults({ database, fleet }: Environment, ledger: Ledger) {
  const linkOf = (process: FleetProcess): TcpRelay => {
    const link = database.links.get(process.name);
    if (!link) throw new Error(`${process.name} has no link to the database`);
    return link;
  };

  const brokenUntil = new Map<string, number>();

  return {
    /** Whether no fault of the network of this process is under way or still has an effect. */
    isIntact: ({ name }: FleetProcess): boolean => Date.now() >= (brokenUntil.get(name) ?? 0),

    /** Breaks the present connections. While silence lasts, new ones are silent as well. */
    async break(process: FleetProcess, what: LinkFault, ms: number): Promise<void> {
      count(ledger.counts, `fault: ${what}`);
      const link = linkOf(process);
      const from = Date.now();
      const until = from + ms + KEEPALIVES_END_MS;
      database.tolerateStarts(process.name, from + ms + START_MS);
      brokenUntil.set(process.name, Math.max(until, brokenUntil.get(process.name) ?? 0));
      ledger.unrecordable.push({ from, until });
      BREAKS[what](link);
      const isSilent = what.startsWith('link_silent');
      if (isSilent) link.blockNew(true);
      await sleep(ms);
      if (isSilent) link.blockNew(false);
      endByKeepalives(link);
    },

    /** Pauses the first process that sends a statement which locks rows, so that it holds them all the time. */
    async pauseInTransaction(
      mayPause: (process: FleetProcess) => boolean,
      pause: (process: FleetProcess) => void,
      ms: number,
    ): Promise<void> {
      const waits: (() => void)[] = [];
      const process = await Promise.race([
        sleep(TRANSACTION_WITHIN_MS).then(() => null),
        ...fleet.processes.map(
          (each) =>
            new Promise<FleetProcess>((resolve) => {
              waits.push(
                linkOf(each).onRequest('for update', () => {
                  if (!each.isUp() || !mayPause(each)) return;
                  for (const cancel of waits) cancel();
                  pause(each);
                  resolve(each);
                }),
              );
            }),
        ),
      ]);
      for (const cancel of waits) cancel();
      if (process === null) return;
      const link = linkOf(process);
      ledger.unrecordable.push({ from: Date.now(), until: Date.now() + ms });
      database.tolerateStarts(process.name, Date.now() + ms + START_MS);
      await sleep(LOCKED_WITHIN_MS);
      const open = await database.server
        .rows(
          "select from pg_stat_activity where client_port = any($1) and state in ('idle in transaction', 'active')",
          [link.clientPorts()],
        )
        .catch(() => []);
      count(ledger.counts, open.length > 0 ? 'fault: pause_in_transaction' : 'fault: long pause elsewhere');
    },
  };
}

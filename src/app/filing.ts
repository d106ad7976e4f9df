import type { Pool } from 'pg';
import { awaitsSuccess } from '../actors/projections/helpdesk.ts';
import { countOnUmbrella, createAdmission } from '../alerts/admission.ts';
import { readAdmissionFacts } from '../alerts/admissionFacts.ts';
import type { Sources } from '../alerts/sources/sources.ts';
import { takeStormSlots } from '../alerts/stormSlots.ts';
import type { Suppressions } from '../alerts/suppression.ts';
import type { Config } from '../config/config.ts';
import type { DatabaseClock } from '../db/databaseClock.ts';
import type { Flags } from '../flags/flags.ts';
import type { Places } from '../lib/places.ts';
import type { Log } from '../log/log.ts';
import { createFilingProtocol, type FilingProtocol } from '../tickets/filing.ts';
import { createFilingStore } from '../tickets/filingStore.ts';
import type { NewFilings } from '../tickets/newFilings.ts';
import { createNoteStore } from '../tickets/noteStore.ts';
import { createNotes, type Notes } from '../tickets/notes.ts';
import type { HelpDesk } from '../tickets/port.ts';
import type { Shadow } from './shadow.ts';

interface TicketDeps {
  pool: Pool;
  clock: DatabaseClock;
  config: Config;
  desk: HelpDesk;
}

interface FilingDeps extends TicketDeps {
  flags: Flags;
  log: Log;
  newFilings: NewFilings;
  sources: Sources;
  suppressions: Suppressions;
  shadow: Shadow;
}

/** From a filing that a machine asked for to a ticket. */
export function createFiling(deps: FilingDeps): FilingProtocol {
  const { pool, clock, config, desk, flags, log, newFilings, sources, suppressions, shadow } = deps;
  return createFilingProtocol({
    store: createFilingStore(pool, clock),
    takeNew: newFilings.take,
    desk,
    awaitsSuccess: () => awaitsSuccess(pool),
    admission: shadow.admission(
      createAdmission({
        facts: readAdmissionFacts({
          pool,
          rules: sources.allRules,
          isAutoTicketOn: (stored) => flags.effective('FLAG_CONSOLE_ALERTS_AUTO_TICKET', stored),
        }),
        suppressionNow: suppressions.now,
        takeSlots: async (source, ids, { probe, refused }) => {
          const asking = { table: 'filings', source, ids, refused, inOrder: !probe } as const;
          return takeStormSlots(pool, await sources.stormLimits(source), asking);
        },
      }),
    ),
    settings: config.freescout,
    consoleUrl: config.publicUrl,
    log,
  });
}

/** Notes on tickets. */
export const createTicketNotes = ({ pool, clock, config, desk, places }: TicketDeps & { places: Places }): Notes =>
  createNotes({
    store: createNoteStore(pool, clock),
    desk,
    settings: config.freescout,
    onUmbrella: (source) => countOnUmbrella(pool, source),
    places,
  });

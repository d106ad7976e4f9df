import type { ClientBase, Pool } from 'pg';
import { memoizeFor } from '../../lib/memoizeFor.ts';
import type { SourceConfig } from '../../surfaces/fileSources.ts';
import { POLLER_SOURCE } from '../emission.ts';
import type { SourceSettings } from '../senders/sender.ts';
import type { StormLimits } from '../stormSlots.ts';
import { rulesOf, type SourceDefaults, type SourceFacts, type SourceRules } from './rules.ts';

/** What is known of the sources of alerts; may be two seconds old. */
export interface Sources {
  rules(source: string): Promise<SourceRules>;
  /** The same for many sources. */
  allRules(): Promise<(source: string) => SourceRules>;
  /** Age in seconds from which the console shows an alert as silent, by source; sources that are never silent are left out. */
  shownSilentAfter(): Promise<Record<string, number>>;
  /** How requests of its webhook are read. */
  settings(source: string): Promise<SourceSettings>;
  /** How many tickets of its own, and messages, the source may have in the storm window. */
  stormLimits(source: string): Promise<StormLimits>;
  /** What the surfaces file says about sources. */
  declared(): Promise<SourceConfig[]>;
}

const FRESH_MS = 2_000;

export function createSources(pool: Pick<Pool, 'query'>, settings: SourceDefaults & { storm: StormLimits }): Sources {
  const facts = memoizeFor(FRESH_MS, () => readFacts(pool));
  async function allRules() {
    const known = await facts();
    return (source: string) => rulesOf(source, known.get(source) ?? UNKNOWN, settings);
  }
  return {
    rules: async (source) => (await allRules())(source),
    allRules,
    async shownSilentAfter() {
      const known = new Map([[POLLER_SOURCE, UNKNOWN], ...(await facts())]);
      return Object.fromEntries(
        [...known].flatMap(([source, each]) => {
          const seconds = rulesOf(source, each, settings).shownSilentAfterSeconds;
          return seconds === null ? [] : [[source, seconds]];
        }),
      );
    },
    async settings(source) {
      return settingsOf((await facts()).get(source)?.declared);
    },
    async stormLimits(source) {
      const maxTickets = (await facts()).get(source)?.declared?.stormMaxTickets ?? settings.storm.maxTickets;
      return { ...settings.storm, maxTickets };
    },
    async declared() {
      return [...(await facts()).values()].flatMap(({ declared }) => (declared ? [declared] : []));
    },
  };
}

/** How requests of a source are read, by what the surfaces file says about it. */
export const settingsOf = (declared: SourceConfig | undefined): SourceSettings => ({
  severity: declared?.severity ?? {},
  surfaceLabel: declared?.surfaceLabel ?? 'surface',
  surfaces: declared?.surfaces ?? {},
  mapping: declared?.mapping ?? null,
  ...(declared?.title === undefined ? {} : { title: declared.title }),
});

const UNKNOWN: SourceFacts = { declared: undefined, learnedSeconds: undefined, sender: undefined };

interface StoredFacts {
  source: string;
  config: SourceConfig | null;
  repeat_seconds: number | null;
  sender: string | null;
}

/** A source that repeats is seen to do so again and again; another program may have taken its name. */
const LEARNED_DAYS = 30;

async function readFacts(pool: Pick<Pool, 'query'>): Promise<Map<string, SourceFacts>> {
  const { rows } = await pool.query<StoredFacts>(
    `select source, s.config, r.repeat_seconds, w.sender
     from (select id as source from alert_sources union select source from alert_source_repeats
           union select source from webhook_sources) known
     left join alert_sources s on s.id = source
     left join (
       select source, repeat_seconds from alert_source_repeats where learned_at > now() - interval '${LEARNED_DAYS} days'
     ) r using (source)
     left join webhook_sources w using (source)`,
  );
  return new Map(
    rows.map(({ source, config, repeat_seconds, sender }) => [
      source,
      { declared: config ?? undefined, learnedSeconds: repeat_seconds ?? undefined, sender: sender ?? undefined },
    ]),
  );
}

/** Stores the sources of the file; those that are no longer in it are judged by what they send. */
export async function syncSources(db: Pick<ClientBase, 'query'>, sources: readonly SourceConfig[]): Promise<void> {
  await db.query(
    `with wanted as (select config->>'id' as id, config from jsonb_array_elements($1::jsonb) as config),
       gone as (delete from alert_sources where id not in (select id from wanted))
     insert into alert_sources (id, config) select id, config from wanted order by id
     on conflict (id) do update set config = excluded.config
       where alert_sources.config is distinct from excluded.config`,
    [JSON.stringify(sources)],
  );
}

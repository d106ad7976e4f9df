import type { Pool } from 'pg';
import { alertActorSql } from '../../actors/projections/actorId.ts';
import { IS_ACTIVE } from '../../actors/projections/alert.ts';
import { POLLER_SOURCE } from '../../alerts/emission.ts';
import { createSources } from '../../alerts/sources/sources.ts';
import { listSources } from '../../alerts/webhooks/sourceList.ts';
import type { Config } from '../../config/config.ts';
import { weaknessOf } from '../../config/weakSecrets.ts';
import { counted } from '../../lib/terminal.ts';
import type { SourceRow } from '../../model/senders.ts';
import { type Finding, ok, warn } from './finding.ts';

/** The sources of alerts: whether each can send, sends, is understood, and repeats its active alerts. */
export async function checkSources(pool: Pool, config: Config, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const tokenSources = config.ingestTokens.map(({ source }) => source);
  const sources = createSources(pool, {
    silentAfterMinutes: config.alertSilentAfterMinutes,
    reopenWithinMinutes: config.reopenWithinMinutes,
    pollIntervalSeconds: config.surfaces.pollIntervalSeconds,
    storm: config.storm,
  });
  const [listed, declared, silent] = await Promise.all([
    listSources(pool, { publicUrl: config.publicUrl, tokenSources }),
    sources.declared(),
    silentAlerts(pool, await sources.shownSilentAfter()),
  ]);
  const tokenOf = new Map(declared.map(({ id, tokenEnv }) => [id, tokenEnv]));
  return listed
    .filter(({ id }) => id !== POLLER_SOURCE)
    .map((source) => {
      const problems = [
        ...tokenProblem(tokenOf.get(source.id), tokenSources.includes(source.id), { env, ...config }),
        ...receptionProblems(source),
        ...silentProblem(silent.get(source.id)),
      ];
      const check = `source ${source.id}`;
      return problems.length === 0 ? ok(check, lastRequest(source)) : warn(check, problems.join(' '));
    });
}

function tokenProblem(
  tokenEnv: string | undefined,
  hasIngestToken: boolean,
  { env, production }: { env: NodeJS.ProcessEnv; production: boolean },
): string[] {
  const token = tokenEnv === undefined ? undefined : env[tokenEnv];
  const weakness = token && production ? weaknessOf(token) : null;
  if (weakness !== null) {
    return [`Its token in ${tokenEnv} consists of ${weakness}, so its requests are refused: set another one.`];
  }
  if (hasIngestToken || token) return [];
  return tokenEnv === undefined
    ? ['No token here: without an entry in INGEST_TOKENS of web, or a token_env, its requests are refused.']
    : [`Its token_env ${tokenEnv} is not set here: without it in the environment of web, its requests are refused.`];
}

function receptionProblems({
  last_request_at,
  last_alert_at,
  not_understood,
  waiting,
  lag_seconds,
}: SourceRow): string[] {
  return [
    ...(last_request_at === null && last_alert_at === null
      ? ['Nothing was ever received from it: paste the block of the page Sources into its sender, and send a test.']
      : []),
    ...(not_understood === 0
      ? []
      : [
          `${counted(not_understood, 'request')} could not be understood: see "auto-ticketing dead-letters list --kind webhook".`,
        ]),
    ...(lag_seconds <= LATE_SECONDS
      ? []
      : [`${counted(waiting, 'request')} waiting, the oldest for ${lag_seconds} s: start a worker.`]),
  ];
}

/** Requests are usually worked on within a second or two. */
const LATE_SECONDS = 60;

const silentProblem = (count = 0): string[] =>
  count === 0
    ? []
    : [
        `${counted(count, 'active alert')} not repeated for longer than its interval: if they are over, resolve them on the page Alerts.`,
      ];

const lastRequest = ({ last_request_at, last_alert_at, shadow }: SourceRow): string => {
  const at = (last_request_at ?? last_alert_at ?? '').slice(0, 16).replace('T', ' ');
  return `Last request at ${at} UTC${shadow ? ', in shadow mode' : ''}.`;
};

/** How many active alerts of each source were not repeated for so many seconds. */
async function silentAlerts(pool: Pool, limits: Record<string, number>): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ source: string; n: number }>(SILENT, [
    Object.keys(limits),
    Object.values(limits),
  ]);
  return new Map(rows.map(({ source, n }) => [source, n]));
}

const SILENT = `
  select x.source, count(*)::int as n
  from unnest($1::text[], $2::float8[]) as x (source, seconds)
  join alert_sightings s on split_part(s.alert_key, ':', 1) = x.source
    and s.last_seen_at < clock_timestamp() - x.seconds * interval '1 second'
  join actors a on a.id = ${alertActorSql('s.alert_key')} and ${IS_ACTIVE}
  group by 1`;

import type { Fence } from '../../actors/deliver.ts';
import { type Fault, Problem } from '../../lib/problem.ts';
import type { EmissionAnswer, EmissionInput, EmissionRemark, EmissionState } from '../../model/alerts.ts';
import type { Aggregator } from '../aggregator.ts';
import { PartlyIngested } from '../partlyIngested.ts';
import type { IrregularityReport } from './irregularities.ts';
import { type ReadEmission, readEmission } from './readEmission.ts';

/** Takes the alerts of a request as they were sent: each that can be used is delivered, the others are named. */
export interface Intake {
  /**
   * Durable once it returns. Throws Problem `invalid_field` if none of the alerts can be used, `busy` with a fault for
   * each alert to send again if some could not be stored, and what `fence` throws: it is called last in each transaction
   * that delivers. Alerts beyond the first `atMost` are rejected. `arrivedAt`: when each alert was stored, if it was stored
   * before.
   */
  accept(source: string, sent: readonly unknown[], options?: Options): Promise<EmissionAnswer>;
}

interface Options {
  fence?: Fence;
  atMost?: number;
  arrivedAt?: readonly Date[];
}

/** An answer names at most so many altered or ignored fields. */
const MAX_WARNINGS = 1_000;

type Usable = Extract<ReadEmission, { alert: EmissionInput }> & { index: number };

export function createIntake({ aggregator, report }: { aggregator: Aggregator; report: IrregularityReport }): Intake {
  return {
    async accept(source, sent, { fence, atMost = sent.length, arrivedAt } = {}) {
      const { usable, rejected } = readAll(sent, atMost);
      const [first] = rejected;
      if (first) {
        report.rejected(source, rejected);
        if (usable.length === 0) throw unusable(first);
      }

      const ingesting = aggregator.ingest(
        source,
        usable.map(({ alert, index }) => arrived(alert, arrivedAt?.[index])),
        fence,
      );
      const answer = await ingesting.catch((error: unknown) => {
        if (!(error instanceof PartlyIngested)) throw error;
        const stored = error.states.flatMap((state, n) => (state ? [withAssumption(state, usable[n])] : []));
        report.taken(source, stored);
        throw sendAgain(error, usable, rejected);
      });
      const alerts = answer.alerts.map((state, n) => withAssumption(state, usable[n]));
      report.taken(source, alerts);
      const warnings = usable.flatMap(({ index, warnings }) => warnings.map((each) => ({ index, ...each })));
      return {
        ...answer,
        alerts,
        ...(rejected.length > 0 ? { rejected } : {}),
        ...(warnings.length > 0 ? { warnings: warnings.slice(0, MAX_WARNINGS) } : {}),
      };
    },
  };
}

const arrived = (alert: EmissionInput, at: Date | undefined): EmissionInput =>
  at === undefined ? alert : { ...alert, arrived_at: at.toISOString() };

function readAll(sent: readonly unknown[], atMost: number): { usable: Usable[]; rejected: EmissionRemark[] } {
  const usable: Usable[] = [];
  const rejected: EmissionRemark[] = [];
  for (const [index, each] of sent.entries()) {
    const read = index < atMost ? readEmission(each) : beyond(atMost);
    if ('rejected' in read) rejected.push({ index, ...read.rejected });
    else usable.push({ ...read, index });
  }
  return { usable, rejected };
}

const beyond = (atMost: number): Extract<ReadEmission, { rejected: unknown }> => ({
  rejected: { field: 'alert', message: `Expected at most ${atMost} alerts in a request; send it in another one` },
});

const withAssumption = (state: EmissionState, read: Usable | undefined): EmissionState =>
  read?.isSeverityAssumed ? { ...state, severity_assumed: true } : state;

function unusable(first: EmissionRemark): Problem {
  const { field, message } = faultOf(first);
  return new Problem('invalid_field', `${field}: ${message}.`, { field });
}

/**
 * Not a status of success: a sender that reads nothing else would not send the others again, and a resolution is often
 * sent once. Sending everything again changes nothing about the stored alerts.
 */
function sendAgain(error: PartlyIngested, usable: readonly Usable[], rejected: readonly EmissionRemark[]): Problem {
  const missing = usable.filter((_, n) => error.states[n] === null);
  const again = missing.map(({ index }) => ({ index, field: 'alert', message: NOT_STORED }));
  const faults = [...again, ...rejected].map(faultOf);
  const stored = usable.length - missing.length;
  const named = faults.slice(0, MAX_NAMED).map(({ field, message }) => `${field}: ${message}.`);
  const message = `${stored} of ${usable.length + rejected.length} alerts are stored. ${named.join(' ')}`;
  return new Problem('busy', message, { field: faults[0]?.field ?? 'alerts', faults, cause: error });
}

/** In the message, which is for people; `faults` has all. */
const MAX_NAMED = 10;
const NOT_STORED = 'Not stored, because another transaction holds this alert; send it again';

const faultOf = ({ index, field, message }: EmissionRemark): Fault => ({
  field: field === 'alert' ? `alerts.${index}` : `alerts.${index}.${field}`,
  message,
});

import type { Fence } from '../../actors/deliver.ts';
import { Problem } from '../../lib/problem.ts';
import type { EmissionAnswer, EmissionInput, EmissionRemark, EmissionState } from '../../model/alerts.ts';
import type { Aggregator } from '../aggregator.ts';
import type { IrregularityReport } from './irregularities.ts';
import { type ReadEmission, readEmission } from './readEmission.ts';

/** Takes the alerts of a request as they were sent: each that can be used is delivered, the others are named. */
export interface Intake {
  /**
   * Durable once it returns. Throws Problem `invalid_field` where none of the alerts can be used, and what `fence` throws:
   * it is called last in each transaction that delivers.
   */
  accept(source: string, sent: readonly unknown[], fence?: Fence): Promise<EmissionAnswer>;
}

/** An answer names at most so many altered or ignored fields. */
const MAX_WARNINGS = 1_000;

type Usable = Extract<ReadEmission, { alert: EmissionInput }> & { index: number };

export function createIntake({ aggregator, report }: { aggregator: Aggregator; report: IrregularityReport }): Intake {
  return {
    async accept(source, sent, fence) {
      const usable: Usable[] = [];
      const rejected: EmissionRemark[] = [];
      for (const [index, each] of sent.entries()) {
        const read = readEmission(each);
        if ('rejected' in read) rejected.push({ index, ...read.rejected });
        else usable.push({ ...read, index });
      }
      const [first] = rejected;
      if (first) {
        report.rejected(source, rejected);
        if (usable.length === 0) throw unusable(first);
      }

      const answer = await aggregator.ingest(
        source,
        usable.map(({ alert }) => alert),
        fence,
      );
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

const withAssumption = (state: EmissionState, read: Usable | undefined): EmissionState =>
  read?.isSeverityAssumed ? { ...state, severity_assumed: true } : state;

function unusable({ index, field, message }: EmissionRemark): Problem {
  const path = field === 'alert' ? `alerts.${index}` : `alerts.${index}.${field}`;
  return new Problem('invalid_field', `${path}: ${message}.`, { field: path });
}

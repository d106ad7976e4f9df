import type { FileError, LineOf } from './fileErrors.ts';
import type { RequestSettings, SelfCheckTarget, SurfaceConfig } from './fileSchema.ts';
import { refusedReferences } from './secrets.ts';

interface Checked {
  surfaces: readonly SurfaceConfig[];
  selfChecks: readonly SelfCheckTarget[];
}

/** Finds checks that would send a secret of this program. */
export function secretErrors({ surfaces, selfChecks }: Checked, lineOf: LineOf): FileError[] {
  const errorsIn = (list: string, request: RequestSettings | undefined, index: number): FileError[] =>
    (request === undefined ? [] : refusedReferences(request)).map(({ path, variable }) => {
      const field = [list, index, ...path];
      const problem = `refers to ${variable}, a secret of this program; write another variable`;
      return { line: lineOf(field), field: field.join('.'), problem };
    });
  return [
    ...surfaces.flatMap(({ request }, index) => errorsIn('surfaces', request, index)),
    ...selfChecks.flatMap(({ request }, index) => errorsIn('self_check', request, index)),
  ];
}

import type { FileError, LineOf } from './fileErrors.ts';
import type { RequestSettings, SelfCheckTarget, SurfaceConfig } from './fileSchema.ts';
import { refusedReferences, variablesIn } from './secrets.ts';

interface Checked {
  surfaces: readonly SurfaceConfig[];
  selfChecks: readonly SelfCheckTarget[];
}

type Checks = Pick<SurfaceConfig | SelfCheckTarget, 'url' | 'request'>;

/** Finds references in fields that are used as they stand in the file. */
export function literalReferences({ surfaces, selfChecks }: Checked, lineOf: LineOf): FileError[] {
  const errorsIn = (list: string, { url, request }: Checks, index: number): FileError[] => {
    const errorIn = (name: string, text: string, remedy: string): FileError[] => {
      const [variable] = variablesIn(text);
      const field = [list, index, name];
      const problem = `refers to ${variable}, which is not filled in here; ${remedy}`;
      return variable === undefined ? [] : [{ line: lineOf(field), field: field.join('.'), problem }];
    };
    const inHeaders = list === 'surfaces' ? 'write it in headers, or write its value' : 'write its value';
    return [...errorIn('url', url, inHeaders), ...errorIn('ca_file', request?.caFile ?? '', 'write its value')];
  };
  return [
    ...surfaces.flatMap((each, index) => errorsIn('surfaces', each, index)),
    ...selfChecks.flatMap((each, index) => errorsIn('self_check', each, index)),
  ];
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

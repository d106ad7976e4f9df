import { dependencyErrors } from './fileDependencies.ts';
import { type FileError, sentence } from './fileErrors.ts';
import { type SelfCheckTarget, type SurfaceConfig, schemaErrors, surfacesSchema } from './fileSchema.ts';
import { readYaml } from './fileYaml.ts';

export type { SelfCheckTarget, SurfaceConfig } from './fileSchema.ts';

const MAX_BYTES = 1_048_576;
const MAX_SURFACES = 10_000;
const MAX_ERRORS = 100;

/** The surfaces file cannot be used; each fault is a sentence with file, line, field and what to write. */
export class SurfacesFileError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(['The surfaces file cannot be used:', ...errors.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'SurfacesFileError';
    this.errors = errors;
  }
}

export interface SurfacesFile {
  surfaces: SurfaceConfig[];
  selfChecks: SelfCheckTarget[];
}

/** The surfaces alone; see {@link parseSurfacesFile}. */
export const parseSurfaces = (text: string, fileName: string): SurfaceConfig[] =>
  parseSurfacesFile(text, fileName).surfaces;

/**
 * What a YAML text describes, in its order, with every default filled in. Throws SurfacesFileError with all errors
 * together; `fileName` only names the file in them.
 */
export function parseSurfacesFile(text: string, fileName: string): SurfacesFile {
  const refuse = (errors: FileError[]): never => {
    const shown = errors.toSorted((a, b) => a.line - b.line).slice(0, MAX_ERRORS);
    const more = errors.length - shown.length;
    const sentences = shown.map((fault) => sentence(fileName, fault));
    throw new SurfacesFileError(more > 0 ? [...sentences, `${fileName}: and ${more} more.`] : sentences);
  };
  const whole = (problem: string): FileError[] => [{ line: 1, field: 'surfaces', problem }];

  if (Buffer.byteLength(text) > MAX_BYTES)
    return refuse(whole('makes the file larger than 1 MiB; write fewer surfaces'));
  const yaml = readYaml(text);
  if ('errors' in yaml) return refuse(yaml.errors);

  const { data, lineOf } = yaml;
  const count = listed(data).length;
  if (count > MAX_SURFACES) return refuse(whole(`lists ${count} surfaces; write at most ${MAX_SURFACES}`));
  const result = surfacesSchema.safeParse(data);
  const errors = [
    ...(result.success ? [] : schemaErrors(result.error.issues, data, lineOf)),
    ...dependencyErrors(listed(data), lineOf),
  ];
  if (!result.success || errors.length > 0) return refuse(errors);
  return result.data;
}

const listed = (data: unknown): unknown[] =>
  typeof data === 'object' && data !== null && 'surfaces' in data && Array.isArray(data.surfaces) ? data.surfaces : [];

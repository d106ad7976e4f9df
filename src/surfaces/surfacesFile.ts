import { dependencyErrors } from './fileDependencies.ts';
import { type FileError, sentence } from './fileErrors.ts';
import { type SelfCheckTarget, type SurfaceConfig, schemaErrors, surfacesSchema } from './fileSchema.ts';
import { readYaml } from './fileYaml.ts';

export type { SelfCheckTarget, SurfaceConfig } from './fileSchema.ts';

const MAX_BYTES = 1_048_576;
const MAX_SURFACES = 10_000;
const MAX_FAULTS = 100;

/** The surfaces file cannot be used; each fault is a sentence with file, line, field and what to write. */
export class SurfacesFileError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(['The surfaces file cannot be used:', ...faults.map((fault) => `- ${fault}`)].join('\n'));
    this.name = 'SurfacesFileError';
    this.faults = faults;
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
 * What a YAML text describes, in its order, with every default filled in. Throws SurfacesFileError with all faults
 * together; `fileName` only names the file in them.
 */
export function parseSurfacesFile(text: string, fileName: string): SurfacesFile {
  const refuse = (faults: FileError[]): never => {
    const shown = faults.toSorted((a, b) => a.line - b.line).slice(0, MAX_FAULTS);
    const more = faults.length - shown.length;
    const sentences = shown.map((fault) => sentence(fileName, fault));
    throw new SurfacesFileError(more > 0 ? [...sentences, `${fileName}: and ${more} more.`] : sentences);
  };
  const whole = (says: string): FileError[] => [{ line: 1, field: 'surfaces', says }];

  if (Buffer.byteLength(text) > MAX_BYTES)
    return refuse(whole('makes the file larger than 1 MiB; write fewer surfaces'));
  const yaml = readYaml(text);
  if ('faults' in yaml) return refuse(yaml.faults);

  const { data, lineOf } = yaml;
  const count = listed(data).length;
  if (count > MAX_SURFACES) return refuse(whole(`lists ${count} surfaces; write at most ${MAX_SURFACES}`));
  const result = surfacesSchema.safeParse(data);
  const faults = [
    ...(result.success ? [] : schemaErrors(result.error.issues, data, lineOf)),
    ...dependencyErrors(listed(data), lineOf),
  ];
  if (!result.success || faults.length > 0) return refuse(faults);
  return result.data;
}

const listed = (data: unknown): unknown[] =>
  typeof data === 'object' && data !== null && 'surfaces' in data && Array.isArray(data.surfaces) ? data.surfaces : [];

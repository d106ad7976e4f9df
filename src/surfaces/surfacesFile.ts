import { dependencyErrors } from './fileDependencies.ts';
import { type FileError, sentence } from './fileErrors.ts';
import type { NotificationRules } from './fileNotify.ts';
import { type SelfCheckTarget, type SurfaceConfig, surfacesSchema } from './fileSchema.ts';
import { schemaErrors } from './fileSchemaErrors.ts';
import { literalReferences, secretErrors } from './fileSecrets.ts';
import { duplicateSources, type SourceConfig, sendersOfOwnSources, unknownSurfaces } from './fileSources.ts';
import { readYaml } from './fileYaml.ts';

export type { RequestSettings, SelfCheckTarget, SurfaceConfig } from './fileSchema.ts';

const MAX_SURFACES = 10_000;
/** For so many surfaces with all their fields. */
const MAX_MIB = 8;
const MAX_ERRORS = 100;

/** The surfaces file is invalid; each error is a sentence with file, line, field and what to write. */
export class SurfacesFileError extends Error {
  readonly errors: readonly string[];

  constructor(errors: readonly string[]) {
    super(['The surfaces file cannot be used:', ...errors.map((each) => `- ${each}`)].join('\n'));
    this.name = 'SurfacesFileError';
    this.errors = errors;
  }
}

export interface SurfacesFile {
  /** The number that the file gives itself; null where it gives none. */
  revision: number | null;
  surfaces: SurfaceConfig[];
  selfChecks: SelfCheckTarget[];
  sources: SourceConfig[];
  /** Who gets messages about alerts. */
  notifications: NotificationRules;
}

/** The surfaces alone; see {@link parseSurfacesFile}. */
export const parseSurfaces = (text: string, fileName: string): SurfaceConfig[] =>
  parseSurfacesFile(text, fileName).surfaces;

/**
 * Parses the YAML text of a surfaces file and fills in defaults; keeps the order of the file. Throws SurfacesFileError
 * with all errors; `fileName` is only used in their sentences.
 */
export function parseSurfacesFile(text: string, fileName: string): SurfacesFile {
  const reject = (errors: FileError[]): never => {
    const shown = errors.toSorted((a, b) => a.line - b.line).slice(0, MAX_ERRORS);
    const more = errors.length - shown.length;
    const sentences = shown.map((error) => sentence(fileName, error));
    throw new SurfacesFileError(more > 0 ? [...sentences, `${fileName}: and ${more} more.`] : sentences);
  };
  const whole = (problem: string): FileError[] => [{ line: 1, field: 'surfaces', problem }];

  if (Buffer.byteLength(text) > MAX_MIB * 1_048_576)
    return reject(whole(`makes the file larger than ${MAX_MIB} MiB; write fewer surfaces`));
  const yaml = readYaml(text);
  if ('errors' in yaml) return reject(yaml.errors);

  const { data, lineOf } = yaml;
  const count = listed(data).length;
  if (count > MAX_SURFACES) return reject(whole(`lists ${count} surfaces; write at most ${MAX_SURFACES}`));
  const result = surfacesSchema.safeParse(data);
  const errors = [
    ...(result.success ? [] : schemaErrors(result.error.issues, data, lineOf)),
    ...dependencyErrors(listed(data), lineOf),
    ...(result.success ? duplicateSources(result.data.sources, lineOf) : []),
    ...(result.success ? sendersOfOwnSources(result.data.sources, lineOf) : []),
    ...(result.success
      ? unknownSurfaces(result.data.sources, new Set(result.data.surfaces.map(({ id }) => id)), lineOf)
      : []),
    ...(result.success ? secretErrors(result.data, lineOf) : []),
    ...(result.success ? literalReferences(result.data, lineOf) : []),
  ];
  if (!result.success || errors.length > 0) return reject(errors);
  return result.data;
}

const listed = (data: unknown): unknown[] =>
  typeof data === 'object' && data !== null && 'surfaces' in data && Array.isArray(data.surfaces) ? data.surfaces : [];

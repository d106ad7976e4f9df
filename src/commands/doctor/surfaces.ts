import type { Config } from '../../config/config.ts';
import { CommandError, counted } from '../../lib/terminal.ts';
import { parseSurfaces, SurfacesFileError } from '../../surfaces/surfacesFile.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const CHECK = 'surfaces file';

/** Validates the surfaces file. Does not call the surfaces. */
export async function checkSurfaces({ file }: Config['surfaces'], production: boolean): Promise<Finding[]> {
  if (file === null) {
    return production
      ? [warn(CHECK, 'SURFACES_FILE is not set, so nothing is watched.')]
      : [ok(CHECK, 'SURFACES_FILE is not set: the program watches sandbox services.')];
  }
  try {
    const surfaces = parseSurfaces((await readNamedFile(file)).toString('utf8'), file);
    return [ok(CHECK, `${file} lists ${counted(surfaces.length, 'surface')}.`)];
  } catch (error) {
    if (error instanceof SurfacesFileError) return error.errors.map((sentence) => fail(CHECK, sentence));
    if (error instanceof CommandError) return [fail(CHECK, `${error.message} Correct SURFACES_FILE.`)];
    throw error;
  }
}

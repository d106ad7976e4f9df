/** Something wrong in the surfaces file: where it stands, and what to write there. */
export interface FileError {
  line: number;
  /** Path of the field, e.g. `surfaces.3.timeout_ms`. */
  field: string;
  /** The rest of the sentence, without its full stop. */
  problem: string;
}

export type FieldPath = readonly (string | number)[];

/** The line on which a field stands, or the nearest thing around it where the field is missing. */
export type LineOf = (path: FieldPath) => number;

export const sentence = (file: string, { line, field, problem }: FileError): string =>
  `${file}, line ${line}: ${field} ${problem}.`;

/** An error in the surfaces file: where it is, and what to write there. */
export interface FileError {
  line: number;
  /** Path of the field, e.g. `surfaces.3.timeout_ms`. */
  field: string;
  /** What is wrong and what to write, as the rest of a sentence that starts with the field; no full stop. */
  problem: string;
}

export type FieldPath = readonly (string | number)[];

/** The line of a field, or of the nearest enclosing node if the field is missing. */
export type LineOf = (path: FieldPath) => number;

export const sentence = (file: string, { line, field, problem }: FileError): string =>
  `${file}, line ${line}: ${field} ${problem}.`;

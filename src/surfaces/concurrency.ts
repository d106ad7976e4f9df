/** No more checks at once than this, however many surfaces are due. */
const MOST = 1_000;
/** Of the files that the process may open, sockets of checks may take half. */
const SHARE = 0.5;
const FEWEST = 64;

/** How many checks a process may make at once, by its limit for open files. */
export function maxChecksAtOnce(openFiles: number | null): number {
  if (openFiles === null) return MOST;
  return Math.max(FEWEST, Math.min(MOST, Math.floor(openFiles * SHARE)));
}

/** The limit for open files of this process; null if there is none, or it is not known. */
export function openFilesLimit(): number | null {
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } };
  const soft = userLimits?.open_files?.soft;
  return typeof soft === 'number' ? soft : null;
}

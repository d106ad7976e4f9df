import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import * as samples from '../samples.ts';
import { LONG_WORD, type PageState } from './state.ts';

/** The weekly view. */

const PATH = '/console/weekly';
const showing = (report: typeof samples.WEEK): Partial<ConsoleApi> => ({ weekly: async () => report });
const [surface, source] = [samples.WEEK.surfaces[0], samples.WEEK.sources[0]];

export const WEEKLY: PageState[] = [
  { name: 'an eventful week', path: PATH },
  { name: 'an empty week', path: `${PATH}?week=2026-W01`, services: showing(samples.EMPTY_WEEK) },
  {
    name: 'long words',
    path: PATH,
    services: showing({
      ...samples.WEEK,
      surfaces: surface ? [{ ...surface, name: LONG_WORD }] : [],
      sources: source ? [{ ...source, source: LONG_WORD.slice(0, 63) }] : [],
    }),
  },
  {
    name: 'a week that does not exist',
    path: `${PATH}?week=2026-W99`,
    services: { weekly: async () => null },
    status: 400,
  },
];

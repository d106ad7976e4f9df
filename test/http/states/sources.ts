import type { ConsoleApi } from '../../../src/http/consoleApi.ts';
import * as samples from '../samples.ts';
import { LONG_TEXT, LONG_WORD, type PageState, press } from './state.ts';

/** The sources of alerts. */

const PATH = '/console/sources';
const only = (...sources: typeof samples.SOURCES): Partial<ConsoleApi> => ({
  sources: async () => sources,
  shadow: async () => NO_SHADOW,
});
const NO_SHADOW = { sources: [], surfaces: [], tickets_total: 0, tickets: [], messages_total: 0, messages: [] };
const long = { ...samples.SOURCES[0], id: LONG_WORD.slice(0, 63), block: `${LONG_WORD} ${LONG_TEXT}\n` };

export const SOURCES: PageState[] = [
  { name: 'with and without trouble', path: PATH },
  { name: 'for a viewer', path: PATH, as: 'viewer' },
  { name: 'none', path: PATH, services: only() },
  { name: 'long words', path: PATH, services: only(long as (typeof samples.SOURCES)[number]) },
  {
    name: 'a test was sent',
    path: PATH,
    act: async (page) => {
      await press(page, /Send a test/);
      await page.waitForSelector('body > .banner:not(#link-lost)');
    },
  },
];

import * as samples from '../samples.ts';
import { LONG_TEXT, LONG_WORD, none, type PageState, press } from './state.ts';

/** Silences, and the form for a new one. */

const PATH = '/console/silences';
const FORM = `${PATH}/new`;
const [silence] = samples.SILENCES as [(typeof samples.SILENCES)[number]];
const matchers = { source: LONG_WORD.slice(0, 63), labels: { [LONG_WORD]: `${LONG_WORD}*` } };

export const SILENCES: PageState[] = [
  { name: 'active and ended', path: PATH },
  { name: 'for a viewer', path: PATH, as: 'viewer' },
  { name: 'none', path: PATH, services: { silences: none } },
  {
    name: 'long words',
    path: PATH,
    services: {
      silences: async () => ({
        rows: [{ ...silence, matchers, reason: LONG_TEXT, alerts: 1_000 }],
        next_cursor: 'next',
      }),
    },
  },
  {
    name: 'one is ended',
    path: PATH,
    act: async (page) => {
      await press(page, /^End/);
      await page.waitForSelector('body > .banner.good');
    },
  },
  { name: 'the form', path: FORM },
  {
    name: 'the form for an alert',
    path: `${FORM}?alert=${encodeURIComponent('status_poller:a3f9b8126c01de77')}`,
  },
  {
    name: 'a refused form',
    path: FORM,
    status: 400,
    leadsTo: `POST ${PATH}`,
    act: async (page) => {
      await page.getByLabel('Labels').fill('no label');
      await press(page, 'Silence');
      await page.waitForSelector('#reason-error');
    },
  },
];

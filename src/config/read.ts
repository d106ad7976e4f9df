import { SETTINGS, type Setting, type SettingName, type Values } from './settings.ts';

export interface SettingFault {
  name: SettingName;
  /** A whole sentence: the variable, what is wrong with it, what to set. Never a value. */
  sentence: string;
}

export interface Reading {
  values: Values;
  /** The variables that are set, rightly or wrongly. */
  given: ReadonlySet<SettingName>;
  faults: SettingFault[];
}

/** Reads every variable by itself; what one says about another is judged in `rules.ts`. Blank counts as unset. */
export function readSettings(env: NodeJS.ProcessEnv): Reading {
  const given = new Set<SettingName>();
  const faults: SettingFault[] = [];
  const values: [SettingName, unknown][] = [];
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const setting: Setting = SETTINGS[name];
    const text = env[name]?.trim() ?? '';
    if (text !== '') given.add(name);
    const value =
      text === ''
        ? undefined
        : setting.kind(text, (what) => {
            faults.push(faultOf(name, what));
            return undefined;
          });
    const otherwise = 'fallback' in setting ? setting.kind(setting.fallback, () => undefined) : null;
    values.push([name, value ?? otherwise]);
  }
  return { values: Object.fromEntries(values) as unknown as Values, given, faults };
}

/** The sentence for a variable: `what` follows its name. */
export function faultOf(name: SettingName, what: string): SettingFault {
  const setting: Setting = SETTINGS[name];
  const unset = 'fallback' in setting ? `, or leave it unset for ${setting.fallback}` : '';
  return { name, sentence: `${name} ${what}: set it to ${setting.meaning}${unset}.` };
}

export const missing = (name: SettingName, why = ''): SettingFault => faultOf(name, `is not set${why}`);

import { firstText, labelNamed } from './shared/values.ts';

/** The title of an alert from the template of its source, such as `{{labels.service}}: {{title}}`. Pure. */

/** What a template may use of an alert. */
export interface TitleFacts {
  /** The title that the alert has without a template. */
  title: unknown;
  surface: string | undefined;
  labels: Readonly<Record<string, unknown>>;
}

const PLACE = /\{\{([^{}]*)\}\}/g;
/** One label must not use up the room of the others. */
const MAX_VALUE = 200;

/** Whether each place is `{{title}}`, `{{surface}}` or `{{labels.NAME}}`, and no brace is left over. */
export const isTitleTemplate = (template: string): boolean =>
  !/\{\{|\}\}/.test(template.replace(PLACE, '')) &&
  [...template.matchAll(PLACE)].every(([, place = '']) => /^(?:title|surface|labels\..+)$/s.test(place.trim()));

/** The alert's own title if it lacks something that the template uses. What fills a place is never a template itself. */
export function titleOf(template: string, facts: TitleFacts): unknown {
  let isComplete = true;
  const title = template.replace(PLACE, (_, place: string) => {
    const value = filled(place.trim(), facts);
    isComplete &&= value !== undefined;
    return cut(value ?? '');
  });
  return isComplete ? title : facts.title;
}

function filled(place: string, { title, surface, labels }: TitleFacts): string | undefined {
  if (place === 'title') return firstText(title);
  if (place === 'surface') return surface;
  return firstText(labelNamed(labels, place.slice('labels.'.length)));
}

const cut = (text: string): string => {
  const characters = [...text];
  return characters.length <= MAX_VALUE ? text : `${characters.slice(0, MAX_VALUE - 1).join('')}…`;
};

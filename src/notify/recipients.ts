import type { DmRequest, Severity, UmbrellaMember } from '../../machines/shared/protocol.ts';

/** Who gets which message, by the rules of the surfaces file. Pure. */

/** The Slack id of a channel or a person; null: the person in SLACK_DM_USER_ID. */
export type Recipient = string | null;

interface Rule {
  to: readonly Recipient[];
  severities?: readonly Severity[];
  sources?: readonly string[];
}

/** The rules of the surfaces file, in which the person in SLACK_DM_USER_ID is null. */
interface Rules<Escalation extends Rule = Rule> {
  notify: readonly Rule[];
  escalation: readonly Escalation[];
}

export const withDefault = ({ notify, escalation }: Rules, defaultUserId: string | null): Rules => {
  const renamed = (rule: Rule): Rule => ({ ...rule, to: rule.to.map((to) => (to === defaultUserId ? null : to)) });
  return { notify: notify.map(renamed), escalation: escalation.map(renamed) };
};

const isAbout = ({ sources }: Rule, source: string): boolean => sources?.includes(source) ?? true;

/** Every rule that fits counts. Without one, the message goes to the person in SLACK_DM_USER_ID. */
function recipientsFor(source: string, severity: Severity, { notify }: Rules): Recipient[] {
  const fitting = notify.filter(
    (rule) => isAbout(rule, source) && (rule.severities === undefined || rule.severities.includes(severity)),
  );
  return fitting.length === 0 ? [null] : [...new Set(fitting.flatMap(({ to }) => to))];
}

/** Whom to tell that nobody is assigned to a P1 of this source, and when: the first rule that fits; null if none does. */
export const escalationFor = <Escalation extends Rule>(
  source: string,
  { escalation }: Pick<Rules<Escalation>, 'escalation'>,
): Escalation | null => escalation.find((rule) => isAbout(rule, source)) ?? null;

/** The recipients that the rules give to a message. Messages about the console itself have no source. */
export function recipientsOf({ kind, source, body }: DmRequest, rules: Rules): Recipient[] {
  if (source === null) return [null];
  if (kind === 'unassigned') return [...(escalationFor(source, rules)?.to ?? [null])];
  const severities = kind === 'grouped' ? membersOf(body).map(({ severity }) => severity) : [body.severity as Severity];
  return [...new Set([...new Set(severities)].flatMap((severity) => recipientsFor(source, severity, rules)))];
}

/** The message as this recipient gets it: a grouped one names the alerts that the recipient is told of. */
export function copyFor(request: DmRequest, to: Recipient, rules: Rules): DmRequest {
  const { id, kind, source, body } = request;
  const copy: DmRequest = { ...request, id: `${id}@${to ?? 'default'}`, to };
  if (kind !== 'grouped' || source === null) return copy;
  const members = membersOf(body).filter(({ severity }) => recipientsFor(source, severity, rules).includes(to));
  return { ...copy, body: { ...body, members, count: members.length } };
}

const membersOf = ({ members }: DmRequest['body']): UmbrellaMember[] => members as UmbrellaMember[];

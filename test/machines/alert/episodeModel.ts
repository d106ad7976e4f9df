import type { EmittedEvent } from '../../../machines/alert/types.ts';
import type { Severity } from '../../../machines/shared/protocol.ts';
import { minutes } from '../support/driver.ts';

const RANK: Record<Severity, number> = { P1: 3, P2: 2, P3: 1 };

/** A second, simple model of the episodes of one alert key. */
export function createLife() {
  const life = {
    ids: new Set<string>(),
    active: false,
    flapping: false,
    episode: 0,
    severity: 'P3' as Severity,
    ends: 0,
  };
  const starts: number[] = [];
  let coolingSince: number | null = null;

  function end(): void {
    Object.assign(life, { active: false, flapping: false, ids: new Set(), ends: life.ends + 1 });
    coolingSince = null;
  }

  return {
    life,
    emit({ alertId, severity }: EmittedEvent, now: number): void {
      const resumes = !life.active && starts.filter((at) => at > now - minutes(10)).length >= 5;
      if (life.active || resumes) {
        if (coolingSince !== null || resumes) life.ids.clear();
        if (RANK[severity] > RANK[life.severity]) life.severity = severity;
        if (resumes) life.flapping = true;
      } else {
        Object.assign(life, { severity, episode: life.episode + 1, flapping: false });
        life.ids.clear();
        starts.push(now);
      }
      life.active = true;
      life.ids.add(alertId);
      coolingSince = null;
    },
    resolve(alertId: string, now: number, isFinal: boolean): void {
      if (coolingSince === null && (!life.ids.delete(alertId) || life.ids.size > 0)) return;
      if (isFinal || !life.flapping) end();
      else coolingSince ??= now;
    },
    pass(now: number): void {
      if (coolingSince !== null && now >= coolingSince + minutes(10)) end();
    },
  };
}

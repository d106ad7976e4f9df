import { describe, expect, it } from 'vitest';
import { findIdChurn, type UnrepeatedId } from '../../src/alerts/idChurnRule.ts';

const SECOND = 1_000;
const once = (seconds: number, text = 'same'): UnrepeatedId => ({
  alertKey: `s:${seconds}`,
  alertId: `${seconds}`,
  text,
  firstSeenAt: 1_777_000_000_000 + seconds * SECOND,
});
const at = (...seconds: number[]): UnrepeatedId[] => seconds.map((each) => once(each));

describe('ids that were sent once and never again', () => {
  it('are one alert, known by the first id, after six even cycles', () => {
    expect(findIdChurn(at(0, 31, 58, 90, 120))).toBeNull();
    expect(findIdChurn(at(0, 31, 58, 90, 120, 150))).toMatchObject({ first: { alertId: '0' }, cycleMs: 32 * SECOND });
  });

  it('are several alerts when they arrive together', () => {
    expect(findIdChurn(at(0, 0, 0.4, 1, 1.5, 1.9))).toBeNull();
  });

  it('form one cycle when several arrive together', () => {
    expect(findIdChurn(at(0, 0.5, 30, 30.5, 60, 90, 120))).toBeNull();
    expect(findIdChurn(at(0, 0.5, 30, 30.5, 60, 90, 120, 150))).toMatchObject({ first: { alertId: '0' } });
  });

  it('are several alerts when they arrive at uneven times', () => {
    expect(findIdChurn(at(0, 10, 95, 130, 140, 240))).toBeNull();
  });

  it('are one alert although earlier pauses were uneven, as after a restart', () => {
    expect(findIdChurn(at(0, 2, 95, 125, 155, 185, 215, 245))).toMatchObject({ first: { alertId: '0' } });
  });

  it('need more cycles when times or measured values in their texts differ', () => {
    const readings = (count: number) => Array.from({ length: count }, (_, n) => once(30 * n, `${n} ms`));
    expect(findIdChurn(readings(11))).toBeNull();
    expect(findIdChurn(readings(12))).toMatchObject({ first: { alertId: '0' } });
  });

  it('are ignored before a pause that is too long for a cycle', () => {
    expect(findIdChurn(at(0, 30, 60, 90, 120, 5_000))).toBeNull();
    expect(findIdChurn(at(0, 30, 5_000, 5_030, 5_060, 5_090, 5_120, 5_150))).toMatchObject({
      first: { alertId: '5000' },
    });
  });
});

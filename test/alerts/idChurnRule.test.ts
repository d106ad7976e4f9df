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
  it('are one alert after four even cycles, and the first stands for all', () => {
    expect(findIdChurn(at(0, 30, 60))).toBeNull();
    expect(findIdChurn(at(0, 31, 58, 90))).toMatchObject({ first: { alertId: '0' }, cycleMs: 32 * SECOND });
  });

  it('are several alerts where they come in one go', () => {
    expect(findIdChurn(at(0, 0, 0.4, 1, 1.5, 1.9))).toBeNull();
  });

  it('are one cycle where several come together', () => {
    expect(findIdChurn(at(0, 0.5, 30, 30.5, 60))).toBeNull();
    expect(findIdChurn(at(0, 0.5, 30, 30.5, 60, 90))).toMatchObject({ first: { alertId: '0' } });
  });

  it('are several alerts where they come at odd times, as one failure after the other does', () => {
    expect(findIdChurn(at(0, 10, 95, 130))).toBeNull();
  });

  it('are one alert however odd the pauses were before, which a restart may have caused', () => {
    expect(findIdChurn(at(0, 2, 95, 125, 155, 185))).toMatchObject({ first: { alertId: '0' } });
  });

  it('need more evidence where a person could tell them apart', () => {
    const hosts = (count: number) => Array.from({ length: count }, (_, n) => once(30 * n, `host ${n}`));
    expect(findIdChurn(hosts(9))).toBeNull();
    expect(findIdChurn(hosts(10))).toMatchObject({ first: { alertId: '0' } });
  });

  it('are forgotten after a pause that no sender would make', () => {
    expect(findIdChurn(at(0, 30, 60, 5_000))).toBeNull();
    expect(findIdChurn(at(0, 30, 5_000, 5_030, 5_060, 5_090))).toMatchObject({ first: { alertId: '5000' } });
  });
});

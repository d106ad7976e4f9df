import { describe, expect, it } from 'vitest';
import type { Membership } from '../../../machines/shared/protocol.ts';
import { type ActorInput, broke, minutes, paramsOf, wait } from '../support/driver.ts';
import { filed, inDoubt, refused } from '../support/events.ts';
import { a, b, c, lastNoteWritten, leave, listing, noteDropped, standing, umbrella } from './umbrellaEvents.ts';

describe('who is on its ticket', () => {
  /** After each of the inputs in turn, as stored in the database: the storm's number and the member. */
  const members = (...inputs: ActorInput[]): string[] => {
    const actor = umbrella();
    const on = new Set<string>();
    for (const given of inputs) {
      for (const { filingId, alertKey, isOn } of paramsOf<Membership>(actor.take(given).actions, 'enlist')) {
        const place = `${filingId.slice('umbrella:s:'.length)} ${alertKey.slice(2)}`;
        if (isOn) on.add(place);
        else on.delete(place);
      }
    }
    return [...on];
  };

  it.each<[string, ActorInput[], string[]]>([
    ['members that join before and after the filing are enlisted', [a, b, filed(412), c], ['1 a', '1 b', '1 c']],
    ['a member that joins during the last note is enlisted', [...standing, wait(minutes(10)), b], ['1 a', '1 b']],
    ['a member that leaves before it is named is not enlisted', [a, b, leave('a'), filed(412), c, leave('c')], ['1 b']],
    ['the last member that leaves is not enlisted', [a, leave('a'), refused('withdrawn')], []],
    ['a member that leaves after it is named stays enlisted', [a, filed(412), leave('a')], ['1 a']],
    [
      'the members of an earlier storm stay enlisted on its ticket',
      [...standing, wait(minutes(10)), lastNoteWritten, b],
      ['1 a', '2 b'],
    ],
    [
      'members that a closed ticket does not name are enlisted on the next one',
      [...listing, c, noteDropped],
      ['1 a', '2 b', '2 c'],
    ],
    ['a withdrawn filing has no members', [a, leave('a'), b, refused('withdrawn')], ['2 b']],
    ['a refused filing has no members', [a, b, refused('flag_off')], []],
    ['a filing whose effect failed has no members', [a, inDoubt, b, broke('settle')], []],
  ])('%s', (_, inputs, expected) => {
    expect(members(...inputs)).toEqual(expected);
  });

  it('a named member that leaves changes nothing', () => {
    const actor = umbrella();
    actor.take(a, filed(412));
    expect(actor.take(leave('a')).actions).toEqual([]);
  });
});

import { type SteadyClock, stopwatch } from '../lib/clock.ts';
import { gather } from '../lib/gather.ts';
import type { Admission, Refusal } from './admission.ts';
import type { Filing } from './filingStore.ts';

/** What admission said about one filing, and how long ago it was asked. */
export interface Verdict {
  refusal: Refusal | null;
  ageMs(): number;
}

export interface Question {
  filing: Filing;
  probe: boolean;
  posts: boolean;
}

type Asked = Question & { verdict?: Verdict };

/** While so many admissions are under way, further filings are asked about together in the next one. */
const TOGETHER = { flights: 2, most: 50 };

/**
 * Asks for admission of filings that run one by one. Those that ask while others are being asked about share the
 * statements of one admission, such as the filings that renew theirs because they waited for their turn.
 */
export function createFreshAdmission(admission: Admission, time: SteadyClock): (asked: Question) => Promise<Verdict> {
  const ask = gather<Asked>(TOGETHER, async (all) => {
    for (const terms of TERMS) {
      const alike = all.filter(({ probe, posts }) => probe === terms.probe && posts === terms.posts);
      if (alike.length === 0) continue;
      // Before the database is asked: what it answers may be older than its answer.
      const ageMs = stopwatch(time);
      const refusals = await admission(
        alike.map(({ filing }) => filing),
        terms,
      );
      alike.forEach((each, n) => {
        each.verdict = { refusal: refusals[n] ?? null, ageMs };
      });
    }
  });
  return async (question) => {
    // A click is always admitted: it waits for no others.
    if (question.filing.path === 'investigate') return { refusal: null, ageMs: () => 0 };
    const asked: Asked = { ...question };
    await ask(asked);
    return asked.verdict as Verdict;
  };
}

const TERMS = [true, false].flatMap((probe) => [true, false].map((posts) => ({ probe, posts })));

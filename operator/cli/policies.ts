/** Policies that have a name: those of the literature, as the tables of papers run them, and the operator's own. */
import { DEFAULT_POLICY, type Policy } from '../core/plan/policy.ts';
import type { Recipe } from '../sim/recipe.ts';

/** One reservation, for the head; scores are taken at every plan, as the papers do. */
const EASY: Policy = { ...DEFAULT_POLICY, reservations: 1, tick: 0 };

const ALL = Number.POSITIVE_INFINITY;

type Plain = Exclude<Policy['score'], { name: 'powers' }>['name'];

const easy = (name: Plain, more: Partial<Policy> = {}): Recipe => ({
  policy: { ...EASY, score: { name }, ...more },
  queue: {},
});

type Named = { readonly says: string; readonly recipe: Recipe };

export const POLICIES: Readonly<Record<string, Named>> = {
  default: { says: 'what the operator does unless configured', recipe: { policy: DEFAULT_POLICY, queue: {} } },
  fcfs: {
    says: 'first come, first served; nobody passes the head',
    recipe: { policy: { ...EASY, reservations: 0 }, queue: { order: 'strict' } },
  },
  easy: { says: 'first come, first served, with backfill behind the head (Lifka 1995)', recipe: easy('fcfs') },
  sjbf: { says: 'easy, shortest candidates first (Tsafrir 2007)', recipe: easy('fcfs', { candidates: 'shortest' }) },
  conservative: {
    says: 'first come, first served, a reservation for every job',
    recipe: easy('fcfs', { reservations: ALL }),
  },
  sjf: { says: 'shortest first, with backfill', recipe: easy('sjf') },
  saf: { says: 'smallest area first, with backfill', recipe: easy('saf') },
  smallest: { says: 'narrowest first, with backfill', recipe: easy('smallest') },
  lxf: { says: 'largest expansion factor first, with backfill', recipe: easy('lxf') },
  wfp3: {
    says: 'WFP3 order, candidates by age (Tang 2009)',
    recipe: easy('wfp3', { candidates: 'submitted' }),
  },
  unicep: { says: 'UNICEP order, with backfill (Tang 2009)', recipe: easy('unicep') },
  f1: { says: 'F1, with backfill (Carastan-Santos 2017)', recipe: easy('f1') },
  f2: { says: 'F2, with backfill', recipe: easy('f2') },
  f3: { says: 'F3, with backfill', recipe: easy('f3') },
  f4: { says: 'F4, with backfill', recipe: easy('f4') },
};

/** How long the planner takes: from scratch, after one change, for what can never start, and how that grows. */

import type { Change, Plan } from '../../operator/core/model.ts';
import { changesOf, Planner } from '../../operator/core/plan/planner.ts';
import { chargedBy, startChanges } from '../../operator/core/plan/started.ts';
import type { Bench } from './bench.ts';
import { GPU, partOf, planWorld, type Size, type World } from './planWorld.ts';
import { quantile, rounded } from './stats.ts';

/** 5,000 nodes of 8 GPUs, almost all in use. */
const FULL: Size = { nodes: 5000, waiting: 10_000, running: 2000, queues: 100 };
const SCALES = [1, 2, 4, 8] as const;
const MEBI = 2 ** 20;

function timed<T>(what: () => T): readonly [result: T, milliseconds: number] {
  const began = performance.now();
  const result = what();
  return [result, performance.now() - began];
}

/** Builds a planner and plans, reason and estimate of every gang included. */
function scratch({ snapshot, now }: World): readonly [Planner, Plan] {
  const planner = new Planner();
  planner.apply(changesOf(snapshot));
  const plan = planner.plan(now);
  if (plan.waits.length + plan.starts.length !== snapshot.waiting.length) throw new Error('the plan forgot a gang');
  return [planner, plan];
}

/** Milliseconds of plans, each after one arrival or one end, as in the middle of a day. */
function incremental(world: World, count: number): readonly number[] {
  const [planner, first] = scratch(world);
  let now = world.now;
  const running = world.snapshot.charged.map(({ uid }) => uid);
  const settle = ({ starts }: Plan): void => {
    planner.apply(
      starts.flatMap((start): readonly Change[] => {
        running.push(start.uid);
        const gang = planner.waiting(start.uid)?.gang;
        return gang ? startChanges(chargedBy(gang, start, now)) : [];
      }),
    );
  };
  settle(first);
  return Array.from({ length: count }, (_, i) => {
    now += 1;
    const gang = world.arrival(now);
    const ended: Change = { kind: 'charged', name: running.shift() ?? '' };
    const [plan, milliseconds] = timed(() => {
      planner.apply([i % 2 === 0 ? ended : { kind: 'waiting', name: gang.uid, value: gang }]);
      return planner.plan(now);
    });
    settle(plan);
    return milliseconds;
  });
}

/** Seconds until a gang of more GPUs than there are is told so, on an otherwise idle cluster. */
function unschedulable(): number {
  const world = planWorld({ nodes: 500, waiting: 1, running: 0, queues: 1 });
  const [gang] = world.snapshot.waiting;
  if (!gang) throw new Error('no gang');
  const waiting = [{ ...gang, parts: [{ ...partOf(8), minMembers: 501, maxMembers: 501 }] }];
  const [[, plan], milliseconds] = timed(() => scratch({ ...world, snapshot: { ...world.snapshot, waiting } }));
  if (plan.waits[0]?.reason !== 'ExceedsPool') throw new Error(`${GPU}: ${plan.waits[0]?.reason}`);
  return milliseconds / 1000;
}

/** Exponent of `y` in `x`: the slope of the logarithms. */
function exponent(xs: readonly number[], ys: readonly number[]): number {
  const [lx, ly] = [xs.map(Math.log), ys.map(Math.log)];
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const [mx, my] = [mean(lx), mean(ly)];
  const above = lx.reduce((sum, x, i) => sum + (x - mx) * ((ly[i] ?? 0) - my), 0);
  return above / lx.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

const median = (values: readonly number[]) => quantile(values, 0.5);

/** Median times at each scale of nodes or of gangs, and their exponents. The largest scale is the full size. */
function growth(what: 'nodes' | 'gangs', log: (line: string) => void): Record<string, number> {
  const fromScratch: number[] = [];
  const afterChange: number[] = [];
  for (const scale of SCALES) {
    const share = scale / 8;
    const size =
      what === 'nodes'
        ? { ...FULL, nodes: FULL.nodes * share, running: FULL.running * share }
        : { ...FULL, waiting: FULL.waiting * share };
    const world = planWorld(size);
    fromScratch.push(median(Array.from({ length: 7 }, () => timed(() => scratch(world))[1])));
    afterChange.push(median(incremental(world, 40)));
    log(
      `${what} x${scale}: from scratch ${fromScratch.at(-1)?.toFixed(1)} ms, after a change ${afterChange.at(-1)?.toFixed(1)} ms`,
    );
  }
  const name = what === 'nodes' ? 'Nodes' : 'Gangs';
  return {
    [`scratchGrowth${name}Exponent`]: rounded(exponent([...SCALES], fromScratch)),
    [`incrementalGrowth${name}Exponent`]: rounded(exponent([...SCALES], afterChange)),
  };
}

export const bench: Bench = {
  name: 'plan',
  describe: 'the planner on 5,000 nodes, 2,000 running and 10,000 waiting gangs, 100 queues, 64 reservations',
  run: async ({ count = 40, log }) => {
    const world = planWorld(FULL);
    for (let i = 0; i < 3; i += 1) scratch(world);
    const full = Array.from({ length: count }, () => timed(() => scratch(world))[1]);
    log(`from scratch: ${full.map((ms) => ms.toFixed(0)).join(' ')} ms`);
    const change = incremental(world, count * 5);
    const [, plan] = scratch(world);
    return {
      figures: {
        scratchP50Ms: rounded(quantile(full, 0.5)),
        scratchP99Ms: rounded(quantile(full, 0.99)),
        incrementalP50Ms: rounded(quantile(change, 0.5)),
        incrementalP99Ms: rounded(quantile(change, 0.99)),
        unschedulableSeconds: rounded(unschedulable()),
        rssMiB: rounded(process.memoryUsage().rss / MEBI),
        ...growth('nodes', log),
        ...growth('gangs', log),
      },
      notes: [
        `${world.snapshot.charged.length} gangs run, ${plan.starts.length} of 10,000 start, ${plan.reservations.length} hold a reservation; scratch includes reason and estimate of all others`,
        'an incremental plan follows one arrival or one end; its explanations are worked out on demand and not included',
        'growth: full size is x8; exponents by least squares of the logarithms of medians',
      ],
    };
  },
};

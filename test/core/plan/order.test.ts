import { describe, expect, it } from 'vitest';
import type { Queue, WaitingGang } from '../../../operator/core/model.ts';
import { Entry } from '../../../operator/core/plan/entry.ts';
import { Order } from '../../../operator/core/plan/order.ts';
import { DEFAULT_POLICY, type Policy } from '../../../operator/core/plan/policy.ts';
import { gang, NOW, prediction, queue } from '../snapshots.ts';

/** An order with gangs in it, as a planner keeps it, and the names in it at a time. */
function order(gangs: readonly WaitingGang[], more: Partial<Policy> = {}, queues: readonly Queue[] = [queue()]) {
  const policy: Policy = { ...DEFAULT_POLICY, ...more };
  const byName = new Map(queues.map((q) => [q.name, q]));
  const made = new Order<Entry>(policy, () => byName);
  const entries = new Map<string, Entry>();
  const add = (gang: WaitingGang) => {
    const entry = new Entry(gang, policy);
    entries.set(gang.uid, entry);
    made.add(entry);
  };
  const remove = (uid: string) => made.remove(entries.get(uid) as Entry);
  const mayStart = ({ gang }: Entry, at: number) => !gang.uid.startsWith('never') && (gang.notBefore ?? at) <= at;
  const names = (now = NOW) => made.at(now, mayStart).map(({ gang }) => gang.uid);
  gangs.forEach(add);
  const change = (q: Queue) => {
    byName.set(q.name, q);
    made.reset();
  };
  return { add, remove, names, change };
}

const of = (uid: string, submittedAt: number, more: Parameters<typeof gang>[3] = {}) =>
  gang(uid, 1, 1, { submittedAt, ...more });

describe('the order', () => {
  it('goes by priority, then score, then age, then UID', () => {
    const gangs = [
      of('b', 1, { time: 10 }),
      of('a', 1, { time: 10 }),
      of('old', 0, { time: 10 }),
      of('short', 9, { time: 5 }),
      of('high', 9, { priority: 1 }),
    ];
    expect(order(gangs, { score: { name: 'sjf' } }).names()).toEqual(['high', 'short', 'old', 'a', 'b']);
    expect(order(gangs).names()).toEqual(['high', 'old', 'a', 'b', 'short']);
  });

  it('counts no priority above what the queue allows, and follows the queue when it changes', () => {
    const gangs = [of('loud', 2, { queue: 'capped', priority: 9 }), of('two', 3, { priority: 2 })];
    const made = order(gangs, {}, [queue(), queue('capped', { maxPriority: 1 })]);
    expect(made.names()).toEqual(['two', 'loud']);
    made.change(queue('capped'));
    expect(made.names()).toEqual(['loud', 'two']);
  });

  it('orders by the estimate that the policy names', () => {
    const gangs = [
      of('sure', 1, { predictions: [prediction(50)] }),
      of('wide', 2, { predictions: [{ q10: 1, q50: 40, q75: 60, q90: 90 }] }),
    ];
    expect(order(gangs, { score: { name: 'sjf' }, orderBy: 'q50' }).names()).toEqual(['wide', 'sure']);
    expect(order(gangs, { score: { name: 'sjf' }, orderBy: 'q90' }).names()).toEqual(['sure', 'wide']);
  });

  it('keeps its order as gangs come and go', () => {
    const made = order([of('c', 3), of('a', 1)]);
    expect(made.names()).toEqual(['a', 'c']);
    made.add(of('b', 2));
    expect(made.names()).toEqual(['a', 'b', 'c']);
    made.remove('a');
    made.add(of('d', 4));
    expect(made.names()).toEqual(['b', 'c', 'd']);
  });
});

describe('scores that move with time', () => {
  // Expansion factors (wait + run) / run: 'long' begins ahead, 'short' overtakes it within 2 s.
  const gangs = [of('long', NOW - 1000, { time: 1000 }), of('short', NOW - 59, { time: 60 })];

  it('are taken at whole ticks, so that the order does not depend on when somebody looked', () => {
    const made = order(gangs, { score: { name: 'lxf' }, tick: 30 });
    const times = [0, 5, 29, 30, 31, 100];
    expect(times.map((after) => made.names(NOW + after)[0])).toEqual([
      'long',
      'long',
      'long',
      'short',
      'short',
      'short',
    ]);
    expect(order(gangs, { score: { name: 'lxf' }, tick: 30 }).names(NOW + 29)[0]).toBe('long');
    expect(order(gangs, { score: { name: 'lxf' }, tick: 0 }).names(NOW + 29)[0]).toBe('short');
  });

  it('of a gang that comes between two ticks count from the tick before', () => {
    const made = order(gangs, { score: { name: 'lxf' }, tick: 30 });
    made.names(NOW + 5);
    made.add(of('between', NOW, { time: 1 }));
    expect(made.names(NOW + 29)).toEqual(['long', 'short', 'between']);
    expect(made.names(NOW + 30)).toEqual(['between', 'short', 'long']);
  });
});

describe('promotion', () => {
  const objective = [queue('default', { waitObjective: 600 })];
  const policy: Partial<Policy> = { score: { name: 'sjf' }, promotions: 2, tick: 0 };
  const waited = (uid: string, seconds: number, time: number) => of(uid, NOW - seconds, { time });
  const gangs = [
    waited('d', 610, 40),
    waited('c', 620, 30),
    waited('b', 630, 20),
    waited('a', 640, 90),
    of('new', NOW - 1, { time: 1 }),
  ];

  it('takes the oldest that waited longer than their queue aims at to the front, so many at a time', () => {
    expect(order(gangs, policy, objective).names()).toEqual(['a', 'b', 'new', 'c', 'd']);
    expect(order(gangs, { ...policy, promotions: 0 }, objective).names()).toEqual(['new', 'b', 'c', 'd', 'a']);
    expect(order(gangs, policy).names()).toEqual(['new', 'b', 'c', 'd', 'a']);
  });

  it('gives the place of one that left to the next', () => {
    const made = order(gangs, policy, objective);
    made.names();
    made.remove('a');
    expect(made.names()).toEqual(['b', 'c', 'new', 'd']);
    made.remove('new');
    made.add(waited('z', 700, 99));
    expect(made.names()).toEqual(['z', 'b', 'c', 'd']);
  });

  it('comes with the very second, and only above gangs of the same priority', () => {
    const made = order([waited('late', 599, 50), of('quick', NOW, { time: 1 })], policy, objective);
    expect(made.names(NOW)).toEqual(['quick', 'late']);
    expect(made.names(NOW + 1)).toEqual(['late', 'quick']);
    made.add(of('high', NOW, { time: 99, priority: 1 }));
    expect(made.names(NOW + 1)).toEqual(['high', 'late', 'quick']);
  });

  it('is not for gangs that could not start whatever room there is, nor before their back-off ends', () => {
    const resting = { ...waited('resting', 650, 50), notBefore: NOW + 10 };
    const made = order([...gangs, waited('never', 660, 60), resting], policy, objective);
    expect(made.names()).toEqual(['a', 'b', 'new', 'c', 'd', 'resting', 'never']);
    expect(made.names(NOW + 10)).toEqual(['resting', 'a', 'new', 'b', 'c', 'd', 'never']);
    made.remove('a');
    expect(made.names(NOW + 10)).toEqual(['resting', 'b', 'new', 'c', 'd', 'never']);
  });

  it('is counted for each queue by itself', () => {
    const other = gangs.map((gang) => ({ ...gang, uid: `${gang.uid}2`, queue: 'other' }));
    const queues = [...objective, queue('other', { waitObjective: 600 })];
    const names = order([...gangs, ...other], { ...policy, promotions: 1 }, queues).names();
    expect(names.slice(0, 3)).toEqual(['a', 'a2', 'new']);
  });
});

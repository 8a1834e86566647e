import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Change, Start } from '../../operator/core/model.ts';
import { Planner, plan } from '../../operator/core/plan/planner.ts';
import { readPolicy } from '../../operator/policyForm.ts';
import type { Summary } from '../../operator/sim/report/schema.ts';
import type { JobResult } from '../../operator/sim/results.ts';
import { readSaved } from '../../operator/sim/snapshot/schema.ts';
import { coxswain, Folder, SMALL, swf } from './terminal.ts';

let folder: Folder;
let small: string;
beforeAll(async () => {
  folder = await Folder.make();
  small = await folder.file('small.swf', swf(SMALL));
});
afterAll(async () => await folder[Symbol.asyncDispose]());

type Said = {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
  readonly summary: Summary;
};

async function json(args: readonly string[]): Promise<Said> {
  const { code, out, err } = await coxswain(['simulate', ...args, '--json']);
  expect({ code, err: err.replace(/^simulated in .*\n/, '') }).toMatchObject({ code: 0 });
  expect(out.split('\n')).toHaveLength(2);
  return JSON.parse(out);
}

async function rows(path: string): Promise<readonly JobResult[]> {
  const text = await readFile(path, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const startsOf = async (out: string): Promise<number[]> =>
  (await rows(join(out, 'jobs.jsonl'))).map(({ start }) => start);

describe('simulate --trace', () => {
  test('starts jobs where a pencil would: EASY, shortest first, and nobody past the head', async () => {
    // Six of ten processors until 100: the second, wide, is promised 100. The third fits until then; the fourth does not.
    const out = folder.at('pencil');
    for (const [policy, starts] of [
      ['easy', [0, 100, 2, 150]],
      ['sjf', [0, 100, 2, 150]],
      ['fcfs', [0, 100, 150, 150]],
    ] as const) {
      await json(['--trace', small, '--policy', policy, '--out', out]);
      expect([policy, await startsOf(out)]).toEqual([policy, starts]);
    }
  });

  test('prints a summary, and one line of figures with --json', async () => {
    const { code, out, err } = await coxswain(['simulate', '--trace', small, '--policy', 'easy']);
    expect(code).toBe(0);
    expect(err).toMatch(/^simulated in .*: \d+ plans, each p50 /);
    expect(out).toMatch(/^jobs ended +4$/m);
    expect(out).toMatch(/^machine +default: 1 node, 10 units$/m);
    const { name, figures, notes, summary } = await json(['--trace', small, '--policy', 'easy']);
    expect(name).toBe('simulate');
    expect(notes).toEqual([]);
    expect(figures).toMatchObject({
      jobs: 4,
      neverStarted: 0,
      brokenInvariants: 0,
      maxWaitSeconds: 147,
      backfilled: 1,
    });
    expect(figures.meanWaitSeconds).toBeCloseTo((0 + 99 + 0 + 147) / 4);
    expect(summary.setup).toMatchObject({ workload: small, nodes: '1x10', policy: 'easy', estimates: 'user' });
  });

  test('says what was dropped, what was changed, and what was believed', async () => {
    const trace = await folder.file(
      'odd.swf',
      swf([
        { submit: 5, run: 0, processors: 1 },
        { submit: 9, run: 7, processors: 1 },
      ]),
    );
    const { summary, notes } = await json(['--trace', trace]);
    expect(summary.setup.dropped).toEqual(['1 × run time is zero']);
    expect(notes).toEqual(['1 job has no walltime: the true run time stood in, as if it were known']);
    expect((await json(['--trace', trace, '--estimates', 'oracle'])).notes).toEqual([]);
  });

  test('estimated starts are in it unless they are left out', async () => {
    expect((await json(['--trace', small])).summary.eta?.all?.jobs).toBe(2);
    expect((await json(['--trace', small, '--no-eta'])).summary).not.toHaveProperty('eta');
  });

  test('takes a policy file, terms of the queue, the first jobs only, and more arrivals', async () => {
    const policy = await folder.file(
      'policy.json',
      '{"policy": {"reservations": 1, "tick": 0}, "queue": {"order": "strict"}}',
    );
    const out = folder.at('switches');
    await json(['--trace', small, '--policy', policy, '--out', out]);
    expect(await startsOf(out)).toEqual([0, 100, 150, 150]);
    await json(['--trace', small, '--policy', policy, '--queue', '{"order": "skipping"}', '--out', out]);
    expect(await startsOf(out)).toEqual([0, 100, 2, 150]);
    await json(['--trace', small, '--first', '2', '--out', out]);
    expect(await startsOf(out)).toEqual([0, 100]);
    await json(['--trace', small, '--policy', 'fcfs', '--arrivals', '0.1', '--out', out]);
    expect((await rows(join(out, 'jobs.jsonl'))).map(({ submit }) => submit)).toEqual([0, 10, 20, 30]);
  });

  test('nothing runs into a maintenance', async () => {
    const out = folder.at('maintenance');
    await json(['--trace', small, '--policy', 'easy', '--maintenance', 'from=120,until=1000', '--out', out]);
    // The first and the short one end before it; the others would not.
    expect(await startsOf(out)).toEqual([0, 1000, 2, 1050]);
  });

  test('asks for --nodes where the trace does not name its machine', async () => {
    const bare = await folder.file('bare.swf', swf(SMALL, ''));
    const refused = await coxswain(['simulate', '--trace', bare]);
    expect(refused).toMatchObject({ code: 2, out: '' });
    expect(refused.err).toMatch(/does not say how large its machine is; give --nodes .* 1x100\n$/);
    expect((await json(['--trace', bare, '--nodes', '2x5'])).figures).toMatchObject({ jobs: 4, neverStarted: 0 });
  });

  test('a job too wide for the machine is told of; if no job fits, that is the answer', async () => {
    const some = await json(['--trace', small, '--nodes', '1x6']);
    expect(some.figures).toMatchObject({ jobs: 3, neverStarted: 1 });
    expect(some.summary.never.reasons).toMatchObject([{ reason: 'ExceedsPool', jobs: 1, example: '2' }]);
    const none = await coxswain(['simulate', '--trace', small, '--nodes', '1x2']);
    expect(none.code).toBe(2);
    expect(none.err).toMatch(/no job can ever start on 1x2, e\.g\. 1: needs 6 members .*; give other --nodes\n$/);
  });

  test('a job that waits for one that never ends is not lost', async () => {
    const job = (id: string, ranks: number, more = {}) =>
      JSON.stringify({ id, submit: 0, run: 10, parts: [{ ranks, accelerators: 0 }], ...more });
    const trace = await folder.file(
      'after.jsonl',
      [job('a', 9), job('b', 1, { after: ['a'] }), job('c', 1)].join('\n'),
    );
    const { figures, summary } = await json(['--trace', trace, '--nodes', '1x4']);
    expect(figures).toMatchObject({ jobs: 1, neverStarted: 2 });
    expect(summary.never.reasons.map(({ reason }) => reason).toSorted()).toEqual([
      'DependencyNeverEnds',
      'ExceedsPool',
    ]);
  });
});

describe('the same input gives the same bytes', () => {
  const spec = 'jobs=300,processors=64,load=1.1,gpu=0.3,coupled=0.05';

  async function run(name: string, more: readonly string[]): Promise<[string, Map<string, Buffer>]> {
    const out = folder.at(name);
    const switches = ['--policy', 'lxf', '--series', '600', '--decisions', '--plan-at', '40000', '--jitter', '3'];
    const { code, out: text } = await coxswain(['simulate', '--synthetic', spec, ...switches, '--out', out, ...more]);
    expect(code).toBe(0);
    const files = new Map<string, Buffer>();
    for (const file of (await readdir(out)).toSorted()) files.set(file, await readFile(join(out, file)));
    return [text.replaceAll(out, 'OUT'), files];
  }

  test('every file but the one of timings, and what is printed', async () => {
    const [text, files] = await run('once', ['--seed', '7']);
    const [again, filesAgain] = await run('twice', ['--seed', '7']);
    expect([...files.keys()]).toEqual([
      'decisions.jsonl',
      'jobs.jsonl',
      'never.jsonl',
      'plan.json',
      'report.html',
      'series.jsonl',
      'summary.json',
      'timing.json',
    ]);
    expect(again).toBe(text);
    const unlike = [...files].filter(([name, content]) => !filesAgain.get(name)?.equals(content));
    expect(unlike.map(([name]) => name).filter((name) => name !== 'timing.json')).toEqual([]);
    const [, others] = await run('other', ['--seed', '8']);
    expect(others.get('jobs.jsonl')?.equals(files.get('jobs.jsonl') as Buffer)).toBe(false);
  });

  test('decisions can be made again from their file', async () => {
    const [, files] = await run('decided', []);
    const lines = String(files.get('decisions.jsonl'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [{ format, policy }, ...moments] = lines as [
      { format: number; policy: unknown },
      ...{ now: number; changes: Change[]; starts: Start[] }[],
    ];
    expect(format).toBe(1);
    const planner = new Planner(readPolicy(policy));
    for (const { now, changes, starts } of moments) {
      planner.apply(changes);
      expect(planner.plan(now).starts).toEqual(starts);
    }
    expect(moments.flatMap(({ starts }) => starts)).toHaveLength(300);
  });

  test('the saved plan is the plan of the saved state', async () => {
    const [, files] = await run('saved', []);
    const { now, policy, snapshot } = readSaved(String(files.get('plan.json')));
    const written = JSON.parse(String(files.get('plan.json')));
    const { starts, reservations, waits } = plan(snapshot, now, readPolicy(policy));
    expect({ starts, reservations, waits }).toEqual(written.plan);
    expect(now).toBeGreaterThanOrEqual(40_000);
    expect(snapshot.charged.length).toBeGreaterThan(0);
  });
});

describe('a malformed trace is refused in one line', () => {
  const good = swf(SMALL);
  const bad = (line: string) => `${good}${line}\n`;
  test.each([
    ['truncated gzip', gzipSync(good).subarray(0, 40), /the gzip data end too early/],
    ['empty', '', /is empty/],
    ['only a header', '; MaxProcs: 10\n', /holds no records/],
    ['text', 'Lorem ipsum dolor sit amet\n', /is no trace that is known/],
    ['missing columns', bad('9 1 2 3'), /line 6: 4 columns where SWF has 18/],
    ['NaN', good.replace(' 90 ', ' NaN '), /line 4: run time \(column 4\): "NaN" is not a number/],
    ['negative', good.replace(' 90 ', ' -90 '), /line 4: run time \(column 4\): "-90" is negative/],
    ['duplicates', bad(good.split('\n')[1] as string), /line 6: job number \(column 1\): "1" stands in line 2 already/],
    [
      'too many processors',
      swf([{ submit: 0, run: 1, processors: 10_000_000 }]),
      /"10000000" is more than any machine has/,
    ],
    ['binary', new Uint8Array([1, 0, 2, 0]), /is binary/],
  ])('%s', async (name, content, message) => {
    const path = await folder.file(`${name}.swf`, content);
    const { code, out, err } = await coxswain(['simulate', '--trace', path]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^kubectl-coxswain simulate: [^\n]*\n$/);
    expect(err).toContain(path);
    expect(err).toMatch(message);
  });
});

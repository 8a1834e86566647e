/** `simulate`: its options, and which of its two forms is meant. */
import { SPEC_KEYS } from '../../sim/synthetic/spec.ts';
import { command } from '../command.ts';
import { UsageError } from '../errors.ts';
import type { Given, OptionSpecs } from '../options.ts';
import { POLICIES } from '../policies.ts';
import { WORKLOAD_OPTIONS } from './workload.ts';

const scheduling = 'How it is scheduled';
const output = 'What comes out';
const whatIf = 'What if, from a saved state';

const TRACE_OPTIONS = {
  ...WORKLOAD_OPTIONS,
  nodes: {
    value: 'MACHINE',
    group: scheduling,
    help: 'Pools of equal nodes, e.g. 1x100, 72x8gpu/4 (racks of 4) or cpu=16x32,gpu=4x8gpu. Default: what the trace says of its machine.',
  },
  estimates: {
    value: 'KIND',
    group: scheduling,
    help: 'What the planner believes of run times: user (walltimes; default), oracle, last2, noisy (the predictions in the trace), or learned (by the operator’s predictor, from runs as they end).',
  },
  maintenance: {
    value: 'SPEC',
    group: scheduling,
    multiple: true,
    help: 'Nothing runs from=SECONDS,until=SECONDS[,pool=NAME][,rack=N]; may be given several times.',
  },
  life: {
    value: 'SPEC',
    group: scheduling,
    help: 'Gangs live as the operator decides it: start=SECONDS until all ranks have called in, restarts=N, retries=N, e.g. start=30. Without it they run as long as the trace says.',
  },
  fail: {
    value: 'SPEC',
    group: scheduling,
    multiple: true,
    help: 'A node dies with all that is on it: node=NAME,from=SECONDS,until=SECONDS; may be given several times. Implies --life.',
  },
  out: { value: 'DIR', group: output, help: 'Write jobs.jsonl, summary.json, series.jsonl, report.html there.' },
  series: { value: 'SECONDS', group: output, help: 'Keep the state of the pools at most every so many seconds.' },
  'no-eta': {
    group: output,
    help: 'Leave out the estimated start given to every job that waits: faster where queues are long.',
  },
  decisions: { group: output, help: 'With --out: decisions.jsonl, every plan with what it was made from.' },
  'plan-at': {
    value: 'SECONDS',
    group: output,
    help: 'With --out: plan.json, the state at that time, as for --snapshot.',
  },
} as const satisfies OptionSpecs;

const SNAPSHOT_OPTIONS = {
  snapshot: {
    value: 'FILE',
    group: whatIf,
    help: 'A state as /debug/plan shows it; - reads it from standard input. It is continued in virtual time.',
  },
  'add-nodes': { value: 'POOL=N', group: whatIf, multiple: true, help: 'N more nodes like one of the pool.' },
  drain: { value: 'LABEL=VALUE', group: whatIf, multiple: true, help: 'Nothing more starts on nodes with this label.' },
  job: {
    value: 'SPEC',
    group: whatIf,
    multiple: true,
    help: 'One more job, e.g. members=4,cpu=8,gpu=1,time=2h,queue=default,pool=gpu; also memory, priority, namespace and name.',
  },
  runs: {
    value: 'QUANTILE',
    group: whatIf,
    help: 'Which of the predicted run times come true: q10, q50 (default), q75, q90 or limit.',
  },
  horizon: {
    value: 'DURATION',
    group: whatIf,
    help: 'Look no further ahead than this, e.g. 24h; default to the last start.',
  },
} as const satisfies OptionSpecs;

const SHARED_OPTIONS = {
  policy: {
    value: 'POLICY',
    help: 'A name, a JSON file, or JSON. Default: default; with --snapshot the one it was made with.',
  },
  queue: {
    value: 'JSON',
    help: 'Terms of the queues, over those of the policy, e.g. {"order": "strict", "waitObjective": "100h"}.',
  },
  json: { help: 'Print one JSON object: {name, figures, notes, …}.' },
} as const satisfies OptionSpecs;

export type SimulateOptions = Given<typeof TRACE_OPTIONS & typeof SHARED_OPTIONS>;
export type SnapshotOptions = Given<typeof SNAPSHOT_OPTIONS & typeof SHARED_OPTIONS>;

function refuseOthers(given: object, options: OptionSpecs, form: string): void {
  const stray = Object.keys(given).find((name) => Object.hasOwn(options, name));
  if (stray !== undefined) throw new UsageError(`--${stray} does not go with ${form}; --help shows the forms`);
}

const policies = Object.entries(POLICIES).map(([name, { says }]) => `  ${name.padEnd(13)} ${says}`);

const specKeys = Object.entries(SPEC_KEYS).map(([key, spec]) => {
  const value = 'default' in spec ? String(spec.default) : '';
  return `  ${key.padEnd(13)} ${value.padEnd(7)} ${spec.means}`;
});

export const simulateCommand = command({
  name: 'simulate',
  describe: 'Run a workload, or the state of a live cluster, through the planner in virtual time.',
  usage: [
    'simulate --trace FILE|--synthetic SPEC [--nodes MACHINE] [--policy POLICY] [--out DIR]',
    'simulate --snapshot FILE|- [--add-nodes POOL=N] [--drain LABEL=VALUE] [--job SPEC]',
  ],
  options: { ...TRACE_OPTIONS, ...SNAPSHOT_OPTIONS, ...SHARED_OPTIONS },
  more: [
    [
      'Policies:',
      ...policies,
      '  FILE          as tune writes it, or as the operator is configured; or the same JSON on the spot',
    ].join('\n'),
    ['Keys of --synthetic, with their defaults:', ...specKeys].join('\n'),
    'Exit code: 0; 1 when an invariant broke; 2 when options or input cannot be used.',
  ],
  async run(given, terminal) {
    if (given.snapshot !== undefined) {
      refuseOthers(given, TRACE_OPTIONS, '--snapshot');
      const { runSnapshot } = await import('./runSnapshot.ts');
      return await runSnapshot(given, terminal);
    }
    refuseOthers(given, SNAPSHOT_OPTIONS, '--trace and --synthetic');
    const { runTrace } = await import('./runTrace.ts');
    return await runTrace(given, terminal);
  },
});

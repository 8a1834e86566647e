/** `compare`: two runs of the same jobs, with intervals. */
import { type Comparison, compare } from '../sim/report/compare.ts';
import { compareText } from '../sim/report/compareText.ts';
import { readRun } from '../sim/report/read.ts';
import { command } from './command.ts';
import { EXIT } from './errors.ts';
import { numberOf, type OptionSpecs } from './options.ts';

const OPTIONS = {
  windows: {
    value: 'K',
    help: 'Resample in K windows of consecutive jobs. Default: about the root of the number of jobs, at least 10.',
  },
  resamples: { value: 'N', help: 'How often the bootstrap draws. Default 2000.' },
  seed: { value: 'N', help: 'Seed of the bootstrap. Default 1.' },
  json: { help: 'Print one JSON object: {name, figures, notes, comparison}.' },
} as const satisfies OptionSpecs;

const UNITS = { wait: 'WaitSeconds', bsld: 'Bsld', jct: 'CompletionSeconds' } as const;

function figuresOf({ jobs, metrics }: Comparison): Readonly<Record<string, number>> {
  const figures: Record<string, number> = { jobs };
  for (const { metric, first, second, difference, low, high } of metrics) {
    const unit = UNITS[metric];
    Object.assign(figures, {
      [`first${unit}`]: first,
      [`second${unit}`]: second,
      [`difference${unit}`]: difference,
      [`low${unit}`]: low,
      [`high${unit}`]: high,
    });
  }
  return figures;
}

function shared(a: readonly { readonly id: string }[], b: readonly { readonly id: string }[]): number {
  const ids = new Set(a.map(({ id }) => id));
  return b.reduce((sum, { id }) => sum + Number(ids.has(id)), 0);
}

export const compareCommand = command({
  name: 'compare',
  describe: 'Compare two runs of the same jobs, with 95 % intervals of the differences.',
  usage: ['compare A B [--windows K]'],
  positionals: ['A', 'B'],
  options: OPTIONS,
  more: [
    'A and B are folders that simulate --out has written.',
    'Exit code: 0; 2 when options or input cannot be used.',
  ],
  async run(given, terminal, [first = '', second = '']) {
    const whole = { least: 1, most: 1_000_000_000, whole: true };
    const windows = numberOf('windows', given.windows, whole);
    const resamples = numberOf('resamples', given.resamples, { ...whole, most: 1_000_000 });
    const seed = numberOf('seed', given.seed, { ...whole, least: 0 });
    const [a, b] = [await readRun(first), await readRun(second)];
    const comparison = compare(a, b, {
      ...(windows !== undefined && { window: Math.max(1, Math.ceil(shared(a.jobs, b.jobs) / windows)) }),
      ...(resamples !== undefined && { resamples }),
      ...(seed !== undefined && { seed }),
    });
    const notes = [a, b].flatMap(({ summary: { broken } }, i) =>
      broken.length === 0 ? [] : [`invariants broke in ${i === 0 ? first : second}: its figures cannot be trusted`],
    );
    if (given.json) {
      terminal.out(`${JSON.stringify({ name: 'compare', figures: figuresOf(comparison), notes, comparison })}\n`);
      return EXIT.ok;
    }
    // The folders as they were named: both may have the same last name.
    terminal.out(compareText(comparison, [first, second]));
    for (const note of notes) terminal.out(`\nnote: ${note}\n`);
    return EXIT.ok;
  },
});

/** `predict`: how long a job would run and what it would take, before it is submitted. */
import { lendingsOf } from '../../../predictors/similarity/lend.ts';
import { plural } from '../../sim/report/text.ts';
import { command } from '../command.ts';
import { EXIT, UsageError } from '../errors.ts';
import type { OptionSpecs } from '../options.ts';
import { type Foretold, foretell } from './foretell.ts';
import { learnFrom } from './learned.ts';
import { readManifests } from './manifests.ts';
import { foretoldText } from './words.ts';

/** The operator's own default: until so many runs have ended, it plans by walltimes. */
const LEAST_RUNS = 50;

const OPTIONS = {
  filename: {
    value: 'FILE',
    short: 'f',
    multiple: true,
    help: 'A manifest of jobs, and of their queues and pools where these matter; - for standard input.',
  },
  at: {
    value: 'FILE|URL',
    help: 'The history to learn from, as for history; also an export of one, an SWF trace or a dump of sacct.',
  },
  namespace: { value: 'NAME', short: 'n', help: 'Of jobs that name none, as kubectl gives it. Default: default.' },
  json: { help: 'Print one JSON object: {name, figures, notes, jobs}.' },
} as const satisfies OptionSpecs;

function notesOf(at: string | undefined, runs: number, foretold: readonly Foretold[]): readonly string[] {
  if (at === undefined) return ['there is no history to learn from; name one with --at'];
  const users = new Set(foretold.map(({ asked }) => asked.user));
  return [
    ...(runs < LEAST_RUNS
      ? [`only ${plural(runs, 'run')} in the history: below ${LEAST_RUNS} the operator plans by walltimes`]
      : []),
    ...(users.size === 1 && users.has('default')
      ? ['whose job it is decides much: say --namespace, or user in the manifest']
      : []),
  ];
}

export const predictCommand = command({
  name: 'predict',
  describe: 'Say how long a job would run and what it would take, and from which runs that is known.',
  usage: ['predict -f MANIFEST [-f …] [--at FILE|URL] [--namespace NAME]'],
  options: OPTIONS,
  more: [
    'Manifests are judged as the API server would judge them.',
    'The last 60,000 runs of the history are lived through first: about half a minute.',
    'Exit code: 0; 2 when options or input cannot be used.',
  ],
  async run(given, terminal) {
    const { filename, at, namespace = 'default', json } = given;
    if (filename === undefined) throw new UsageError('-f MANIFEST is missing: the job that is meant');
    const manifests = await readManifests(filename, terminal);
    const learned = await learnFrom(at, terminal);
    const lendings = lendingsOf(learned.runs);
    const foretold = foretell(manifests, learned, lendings, { at: terminal.now(), namespace });
    const figures = { jobs: foretold.length, runs: learned.runs.length, programs: lendings.length };
    const notes = notesOf(at, learned.runs.length, foretold);
    if (json) {
      terminal.out(`${JSON.stringify({ name: 'predict', figures, notes, jobs: foretold })}\n`);
    } else {
      terminal.out(foretold.map(foretoldText).join('\n'));
      for (const note of notes) terminal.out(`\nnote: ${note}\n`);
    }
    return EXIT.ok;
  },
});

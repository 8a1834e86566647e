import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { coxswain } from './terminal.ts';

const COMMANDS = ['simulate', 'compare', 'tune', 'predict', 'history'];

describe('the program', () => {
  test('says its version', async () => {
    expect(await coxswain(['--version'])).toEqual({ code: 0, out: `${packageJson.version}\n`, err: '' });
  });

  test('lists its commands, and does so as an error where none was named', async () => {
    const asked = await coxswain(['--help']);
    expect(asked.code).toBe(0);
    for (const name of COMMANDS) expect(asked.out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(await coxswain([])).toEqual({ code: 2, out: '', err: asked.out });
  });

  const helps = [...COMMANDS, 'history show', 'history import', 'history export', 'history prune'];

  test.each(helps)('%s explains every option it takes', async (name) => {
    const { code, out, err } = await coxswain([...name.split(' '), '--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^Usage: kubectl-coxswain /m);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(110);
    expect(out).toMatch(/Exit code:/);
  });

  test.each([
    [['simulat'], 'there is no command "simulat"; did you mean simulate?'],
    [['top'], 'there is no command "top"; --help shows the commands'],
    [['constructor'], 'there is no command "constructor"; --help shows the commands'],
    [['--foo'], 'there is no option --foo; --help shows the commands'],
  ])('%j is refused in one line', async (args, message) => {
    expect(await coxswain(args)).toEqual({ code: 2, out: '', err: `kubectl-coxswain: ${message}\n` });
  });

  test.each([
    [['simulate'], 'give --trace FILE or --synthetic SPEC; --help shows the forms'],
    [['simulate', '--plicy', 'easy'], 'there is no option --plicy; did you mean --policy?'],
    [['simulate', '--frobnicate'], 'there is no option --frobnicate'],
    [['simulate', '-x'], 'there is no option -x'],
    [['simulate', '--trace'], '--trace needs a value: --trace FILE'],
    [['simulate', '--json=yes'], '--json takes no value'],
    [['simulate', '--first', '-3'], '--first: write --first=N, for its value begins with a dash'],
    [['simulate', '--trace', 'a', '--trace', 'b'], '--trace is given twice; remove one'],
    [['simulate', 'trace.swf'], '"trace.swf" is one word too many; --help shows the forms'],
    [['simulate', '--trace', 'a', '--synthetic', ''], '--trace and --synthetic exclude each other; give one'],
    [['simulate', '--trace', 'a', '--seed', '1'], '--seed goes with --synthetic; a trace is varied with --jitter SEED'],
    [
      ['simulate', '--trace', 'a', '--first', '1.5'],
      `--first: "1.5" is no whole number from 1 to ${Number.MAX_SAFE_INTEGER}`,
    ],
    [['simulate', '--trace', 'a', '--arrivals', '0'], '--arrivals: "0" is no number from 0.001 to 1000'],
    [
      ['simulate', '--trace', 'a', '--estimates', 'learnt'],
      '--estimates: there is no "learnt"; there are user, oracle, noisy, last2, learned',
    ],
    [
      ['simulate', '--trace', 'a', '--drain', 'rack=1'],
      '--drain does not go with --trace and --synthetic; --help shows the forms',
    ],
    [['simulate', '--snapshot', 'a', '--nodes', '1x1'], '--nodes does not go with --snapshot; --help shows the forms'],
    [
      ['simulate', '--synthetic', 'jobs=9,seed=2', '--seed', '1'],
      '--seed: the specification has a seed already; remove one of the two',
    ],
    [['simulate', '--synthetic', 'jobs=9', '--decisions'], '--decisions needs --out DIR to write to'],
    [['simulate', '--synthetic', 'jobs=9', '--plan-at', '1'], '--plan-at needs --out DIR to write to'],
    [
      ['simulate', '--synthetic', 'jobs=9', '--nodes', '4by8'],
      '--nodes: "4by8" is no machine; write NODESxPROCESSORS, e.g. 1x100, 72x8gpu or cpu=16x32,gpu=4x8gpu/2',
    ],
    [
      ['simulate', '--synthetic', 'jobs=9', '--maintenance', 'from=5'],
      '--maintenance: until is missing; write from=SECONDS,until=SECONDS',
    ],
    [
      ['simulate', '--synthetic', 'jobs=9', '--maintenance', 'from=5,until=4'],
      '--maintenance: until=4 is not after from=5',
    ],
    [
      ['simulate', '--synthetic', 'jobs=9', '--maintenance', 'from=5,until=6,pool=x'],
      '--maintenance: there is no pool x; there are default',
    ],
    [
      ['simulate', '--synthetic', 'jobs=9', '--maintenance', 'from=5,until=6,rack=1'],
      '--maintenance: pool default has no racks; say how many nodes one holds, e.g. --nodes 72x8gpu/4',
    ],
    [['compare', 'a'], 'B is missing; --help shows the forms'],
    [['compare', 'a', 'b'], 'a/summary.json: there is no such file; write the run again with simulate --out'],
    [['tune', '--synthetic', 'jobs=9', '--runs', '3'], '--runs: "3" is no whole number from 60 to 1000000'],
    [
      ['tune', '--synthetic', 'jobs=9'],
      'the training part of the history holds 5 jobs; tuning needs at least 100 in each',
    ],
  ])('%j is refused in one line', async (args, message) => {
    expect(await coxswain(args)).toEqual({ code: 2, out: '', err: `kubectl-coxswain ${args[0]}: ${message}\n` });
  });
});

/** How many tests passed, failed, were skipped, and which failed: read from vitest's JSON report. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed and how, a line each. Told again at the end: of a long log, only the end may be kept. */
  readonly failures: readonly string[];
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** One failure that no test counts. */
export const failure = (line: string): Tally => ({ ...NOTHING, failed: 1, failures: [line] });

export function add(a: Tally, b: Tally): Tally {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

/** As far as it is read; what a file that cannot be loaded says of itself is its `message`. */
interface TestFile {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly {
    readonly fullName: string;
    readonly status: string;
    readonly failureMessages: readonly string[];
  }[];
}

interface Report {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly TestFile[];
}

/**
 * The tally of one vitest run.
 * @param green whether vitest ended with 0. A run that did not counts at least one failure, whatever its report says.
 */
export function readTally(file: string, green: boolean): Tally {
  if (!existsSync(file)) return failure('vitest wrote no report');
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const found = report.testResults.flatMap(failuresOf);
  const failures = found.length === 0 && !green ? ['vitest ended badly, though no test failed'] : found;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: failures.length, skipped, failures };
}

/** A file that cannot even be loaded failed without any test in it. */
function failuresOf({ name, status, message, assertionResults }: TestFile): string[] {
  const where = relative(process.cwd(), name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (failed.length === 0 && status === 'failed') return [`${where}: ${shortened(message)}`];
  return failed.map(({ fullName, failureMessages: [first = ''] }) => `${where}: ${fullName}: ${shortened(first)}`);
}

const shortened = (message: string): string => message.replaceAll(/\s+/g, ' ').slice(0, 300);

/** The number of tests in a project, none of them run. */
export function listed(project: string): number {
  const { stdout } = spawnSync('vitest', ['list', '--project', project, '--json'], { encoding: 'utf8' });
  const tests = JSON.parse(stdout.slice(stdout.indexOf('['))) as unknown[];
  return tests.length;
}

/** `3 passed, 0 failed`, and the skipped ones where there are any. */
export function toLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

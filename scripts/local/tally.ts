/** How many tests passed, failed, were skipped: read from vitest's JSON report. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const NOTHING: Tally = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Tally, b: Tally): Tally {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** One for each file. A file that cannot even be loaded failed without any test in it. */
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * The tally of one vitest run.
 * @param green whether vitest ended with 0. A run that did not counts at least one failure, whatever its report says.
 */
export function readTally(file: string, green: boolean): Tally {
  if (!existsSync(file)) return { ...NOTHING, failed: 1 };
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + broken.length;
  return {
    passed: report.numPassedTests,
    failed: green ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

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

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { add, failure, NOTHING, readTally, toLine } from '../../scripts/local/tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Test = [fullName: string, status: string, ...failureMessages: string[]];

function reportFile(
  counts: [passed: number, pending: number],
  files: [name: string, status: string, Test[]][],
): string {
  const [numPassedTests, numPendingTests] = counts;
  const testResults = files.map(([name, status, tests]) => ({
    name: join(process.cwd(), name),
    status,
    message: status === 'failed' ? 'Cannot find module' : '',
    assertionResults: tests.map(([fullName, state, ...failureMessages]) => ({
      fullName,
      status: state,
      failureMessages,
    })),
  }));
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify({ numPassedTests, numPendingTests, numTodoTests: 0, testResults }));
  return file;
}

describe('the tally of a run', () => {
  test('counts passed, failed and skipped tests, and names those that failed', () => {
    const file = reportFile(
      [3, 2],
      [
        [
          'test/a.test.ts',
          'failed',
          [
            ['a thing breaks', 'failed', 'expected 1\n  to be 2'],
            ['a thing works', 'passed'],
          ],
        ],
        ['test/b.test.ts', 'passed', [['another', 'passed']]],
      ],
    );
    const failures = ['test/a.test.ts: a thing breaks: expected 1 to be 2'];
    expect(readTally(file, false)).toEqual({ passed: 3, failed: 1, skipped: 2, failures });
  });

  test('a file that cannot be loaded is a failure, though no test in it failed', () => {
    const file = reportFile(
      [3, 0],
      [
        ['test/a.test.ts', 'passed', [['a thing works', 'passed']]],
        ['test/b.test.ts', 'failed', []],
      ],
    );
    const { failed, failures } = readTally(file, false);
    expect(failed).toBe(1);
    expect(failures).toEqual(['test/b.test.ts: Cannot find module']);
  });

  test('a run that ends badly is a failure, whatever its report says', () => {
    expect(readTally(reportFile([3, 0], [['test/a.test.ts', 'passed', []]]), false).failed).toBe(1);
    expect(readTally(join(folder, 'never-written.json'), false).failed).toBe(1);
  });

  test('sums are told in one line, skipped tests only where there are any', () => {
    const sum = add({ ...NOTHING, passed: 3 }, { ...failure('one'), passed: 4 });
    expect(toLine(sum)).toBe('7 passed, 1 failed');
    expect(sum.failures).toEqual(['one']);
    expect(toLine(add(sum, { ...NOTHING, skipped: 5 }))).toBe('7 passed, 1 failed, 5 skipped');
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { add, NOTHING, readTally, toLine } from '../../scripts/local/tally.ts';

const folder = mkdtempSync(join(tmpdir(), 'coxswain-tally-'));
afterAll(() => rmSync(folder, { recursive: true }));

function reportFile(counts: [passed: number, failed: number, pending: number], files: [string, string[]][]): string {
  const [numPassedTests, numFailedTests, numPendingTests] = counts;
  const testResults = files.map(([status, tests]) => ({
    status,
    assertionResults: tests.map((each) => ({ status: each })),
  }));
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(
    file,
    JSON.stringify({ numPassedTests, numFailedTests, numPendingTests, numTodoTests: 0, testResults }),
  );
  return file;
}

describe('the tally of a run', () => {
  test('counts passed, failed and skipped tests', () => {
    const file = reportFile(
      [3, 1, 2],
      [
        ['failed', ['failed', 'passed']],
        ['passed', ['passed']],
      ],
    );
    expect(readTally(file, false)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });

  test('a file that cannot be loaded is a failure, though no test in it failed', () => {
    expect(
      readTally(
        reportFile(
          [3, 0, 0],
          [
            ['passed', ['passed']],
            ['failed', []],
          ],
        ),
        false,
      ).failed,
    ).toBe(1);
  });

  test('a run that ends badly is a failure, whatever its report says', () => {
    expect(readTally(reportFile([3, 0, 0], [['passed', ['passed']]]), false).failed).toBe(1);
    expect(readTally(join(folder, 'never-written.json'), false).failed).toBe(1);
  });

  test('sums are told in one line, skipped tests only where there are any', () => {
    const sum = add({ passed: 3, failed: 0, skipped: 0 }, { passed: 4, failed: 1, skipped: 0 });
    expect(toLine(sum)).toBe('7 passed, 1 failed');
    expect(toLine(add(sum, { ...NOTHING, skipped: 5 }))).toBe('7 passed, 1 failed, 5 skipped');
  });
});

/** Runs for the tests of the history, where nothing but what is named matters. */
import type { HistoryLog } from '../../../predictors/history/history.ts';
import type { Run } from '../../../predictors/run.ts';

/** The clock of the tests, seconds. */
export const NOW = 1_800_000_000;
export const now = (): number => NOW;

export function run(changes: Partial<Run> = {}): Run {
  return {
    uid: 'a',
    attempt: 1,
    kind: 'SimulationJob',
    user: 'ann',
    queue: 'default',
    submittedAt: 1_000,
    startedAt: 1_100,
    endedAt: 1_200,
    limit: 3_600,
    limitEnforced: true,
    image: 'registry.example/heat:v1',
    command: ['heat', '--size', '512'],
    declared: {},
    nodes: 2,
    ranks: 8,
    gpus: 0,
    cpus: 8,
    memory: 2 ** 34,
    outcome: 'succeeded',
    censored: false,
    chosen: { pool: 'cpu', nodes: 2 },
    ...changes,
  };
}

/** `count` runs one after the other, each a second, by `users` users in turn. */
export function manyRuns(count: number, users = 3): Run[] {
  return Array.from({ length: count }, (_, i) =>
    run({ uid: `run-${i}`, user: `user-${i % users}`, submittedAt: i, startedAt: i, endedAt: i + 1 }),
  );
}

/** A log that keeps what it is told. */
export function memoryLog(): HistoryLog & { readonly lines: string[] } {
  const lines: string[] = [];
  const keep =
    (level: string) =>
    (message: string, fields: Record<string, unknown> = {}) =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { lines, info: keep('info'), warn: keep('warn') };
}

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { cacheFolder } from './test/cluster/identity.ts';

// A bound for what hangs, not a measure: beside the cluster's tests, on a busy machine, ten times what a test takes alone
// is no news.
const HANGS = 90_000;

/** Their tests install the chart on clusters, break them and take them down: none that others use. */
const OWN_CLUSTERS = [
  'test/e2e/chart.test.ts',
  'test/e2e/prometheus.test.ts',
  'test/integration/chart.test.ts',
  'test/integration/clusterLife.test.ts',
];

const onClusters = {
  fileParallelism: false,
  // Those that are said to run side by side do so all of them: each waits most of the time.
  maxConcurrency: 10,
  expect: { poll: { timeout: HANGS / 2 } },
  testTimeout: 120_000,
  hookTimeout: 900_000,
};

// The processes that tests start, dozens of operators among them, are compiled once.
process.env['NODE_COMPILE_CACHE'] ??= join(cacheFolder(), 'compiled');

// Three projects: `unit` runs anywhere (layer L0); `cluster` needs the local cluster and runs one file at a time, because
// the files share it; `clusters` is what can run beside it.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/e2e/**', 'test/faults/**'],
          // No test leaves anything behind in its process, and starting one for each file takes longer than most files.
          isolate: false,
          // Half of the time is waiting for what tests have started.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          testTimeout: HANGS,
          hookTimeout: HANGS,
          expect: { poll: { timeout: HANGS / 2 } },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'],
          exclude: OWN_CLUSTERS,
          globalSetup: ['test/support/clusterSetup.ts'],
          ...onClusters,
        },
      },
      {
        test: {
          name: 'clusters',
          include: OWN_CLUSTERS,
          globalSetup: ['test/support/clustersSetup.ts'],
          ...onClusters,
        },
      },
    ],
  },
});

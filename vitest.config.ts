import { defineConfig } from 'vitest/config';

// A bound for what hangs, not a measure: beside the cluster's tests, on a busy machine, ten times what a test takes alone
// is no news.
const HANGS = 90_000;

// Two projects: `unit` runs anywhere (layer L0); `cluster` needs the local control plane and runs one file at a time,
// because the files share two cores and one cluster.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/e2e/**', 'test/faults/**'],
          testTimeout: HANGS,
          hookTimeout: HANGS,
          expect: { poll: { timeout: HANGS / 2 } },
        },
      },
      {
        test: {
          name: 'cluster',
          include: ['test/integration/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'],
          globalSetup: ['test/support/clusterSetup.ts'],
          fileParallelism: false,
          expect: { poll: { timeout: HANGS / 2 } },
          testTimeout: 120_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});

/** `npm run check`: types, lint with layering, format, unused code. Runs all, reports all, fails if any failed. */
import { spawnSync } from 'node:child_process';

const checks = [
  ['types', 'tsc', ['-p', 'tsconfig.json']],
  ['lint and layering', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['format', 'biome', ['check', '--error-on-warnings', '.']],
  ['unused', 'knip', ['--no-progress']],
] as const;

const failed = checks.filter(([name, command, args]) => {
  const started = performance.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`check ${name}: ${status === 0 ? 'ok' : 'FAILED'} (${seconds} s)`);
  return status !== 0;
});
process.exitCode = failed.length === 0 ? 0 : 1;

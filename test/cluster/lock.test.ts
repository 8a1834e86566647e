import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lock } from './lock.ts';

const name = `test/${process.pid}`;

it('lets one holder in at a time, in turn', async () => {
  const log: string[] = [];
  const work = async (who: string): Promise<void> => {
    const held = await lock(`${name}/turn`);
    log.push(`${who} in`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    log.push(`${who} out`);
    await held.release();
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(log).toHaveLength(6);
  for (let i = 0; i < log.length; i += 2) expect(log[i + 1]).toBe(log[i]?.replace('in', 'out'));
});

it('is free again when its holder was killed', async () => {
  const file = join(import.meta.dirname, 'lock.ts');
  const code = `const { lock } = await import(${JSON.stringify(file)});
    await lock('${name}/killed'); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  let waited = false;
  const next = lock(`${name}/killed`, () => {
    waited = true;
    holder.kill('SIGKILL');
  });
  await (await next).release();
  expect(waited).toBe(true);
});

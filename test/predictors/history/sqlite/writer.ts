/** Records runs until it is killed, and says each uid once its `record` has answered: `node writer.ts FILE FIRST`. */
import { writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { SqliteHistory } from '../../../../predictors/history/sqlite/sqlite.ts';
import { memoryLog, now, run } from '../runs.ts';

// What is killed keeps nothing of what it has compiled, so that each start would compile all of it again.
flushCompileCache();
const [file = '', first = '0'] = process.argv.slice(2);
const history = new SqliteHistory({ file, log: memoryLog(), now });
for (let i = Number(first); ; ) {
  const runs = Array.from({ length: 1 + (i % 7) }, () => run({ uid: `run-${i++}` }));
  const { stored } = await history.record(runs);
  if (stored !== runs.length) throw new Error(`${stored} of ${runs.length} stored`);
  // Written at once and whole: what was said is in the pipe before anything else happens.
  writeSync(1, runs.map(({ uid }) => `${uid}\n`).join(''));
}

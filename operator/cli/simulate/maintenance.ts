/** `--maintenance`: nodes that nothing may run on for a while. */
import type { Maintenance } from '../../core/model.ts';
import { type Machine, RACK } from '../../sim/machine.ts';
import { UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import { keyed } from './keyed.ts';

const KEYS = ['from', 'until', 'pool', 'rack'] as const;

/** Times are seconds on the trace's clock. Throws UsageError. */
export function readMaintenance(texts: readonly string[], { pools }: Machine): readonly Maintenance[] {
  return texts.map((text, i) => {
    const { from, until, pool = pools[0]?.name ?? '', rack } = keyed('maintenance', text, KEYS);
    const time = (key: string, value: string | undefined) => {
      const read = numberOf(`maintenance ${key}`, value, { least: 0, most: 1e12 });
      if (read === undefined)
        throw new UsageError(`--maintenance: ${key} is missing; write from=SECONDS,until=SECONDS`);
      return read;
    };
    const [begins, ends] = [time('from', from), time('until', until)];
    if (ends <= begins) throw new UsageError(`--maintenance: until=${ends} is not after from=${begins}`);
    const known = pools.find(({ name }) => name === pool);
    if (!known) {
      throw new UsageError(
        `--maintenance: there is no pool ${pool}; there are ${pools.map(({ name }) => name).join(', ')}`,
      );
    }
    if (rack !== undefined && known.rack === undefined) {
      throw new UsageError(
        `--maintenance: pool ${pool} has no racks; say how many nodes one holds, e.g. --nodes 72x8gpu/4`,
      );
    }
    const selector = rack === undefined ? {} : { selector: { matchLabels: { [RACK]: `${pool}-${rack}` } } };
    return { name: `maintenance ${i + 1}`, pool, from: begins, until: ends, ...selector };
  });
}

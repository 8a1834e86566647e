/** `--life` and `--fail`: gangs that live as the operator has it, and nodes that die. */
import type { Life } from '../../sim/life/terms.ts';
import { UsageError } from '../errors.ts';
import { type Bounds, numberOf } from '../options.ts';
import { keyed } from './keyed.ts';

const SECONDS: Bounds = { least: 0, most: 1e12 };
const TIMES: Bounds = { least: 0, most: 1000, whole: true };

function failure(text: string): NonNullable<Life['failures']>[number] {
  const { node, from, until } = keyed('fail', text, ['node', 'from', 'until']);
  const [begins, ends] = [numberOf('fail from', from, SECONDS), numberOf('fail until', until, SECONDS)];
  if (node === undefined || begins === undefined || ends === undefined)
    throw new UsageError(`--fail: ${JSON.stringify(text)} lacks a key; write node=NAME,from=SECONDS,until=SECONDS`);
  return { node, from: begins, until: ends };
}

/** Undefined when neither is given: then gangs run as long as the trace says, and nothing fails. Throws UsageError. */
export function readLife(text: string | undefined, failures: readonly string[]): Life | undefined {
  if (text === undefined && failures.length === 0) return undefined;
  const { start, restarts, retries } = text === undefined ? {} : keyed('life', text, ['start', 'restarts', 'retries']);
  const again = numberOf('life restarts', restarts, TIMES);
  const around = numberOf('life retries', retries, TIMES);
  return {
    startSeconds: numberOf('life start', start, SECONDS) ?? 0,
    ...(again !== undefined && { restarts: again }),
    ...(around !== undefined && { infrastructureRetries: around }),
    ...(failures.length > 0 && { failures: failures.map(failure) }),
  };
}

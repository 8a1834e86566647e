/** Options whose value is a list of `key=value`. */
import { UsageError } from '../errors.ts';

/** Reads `a=1,b=2`; values may hold `=`. Throws UsageError that names the option and the key. */
export function keyed<K extends string>(option: string, text: string, keys: readonly K[]): Partial<Record<K, string>> {
  const given: Partial<Record<string, string>> = {};
  for (const item of text.split(',')) {
    const equals = item.indexOf('=');
    const key = item.slice(0, Math.max(0, equals)).trim();
    const value = item.slice(equals + 1).trim();
    if (equals < 1 || value === '') throw new UsageError(`--${option}: ${JSON.stringify(item)} is no key=value`);
    if (!keys.some((known) => known === key)) {
      throw new UsageError(`--${option}: there is no ${JSON.stringify(key)}; there are ${keys.join(', ')}`);
    }
    if (given[key] !== undefined) throw new UsageError(`--${option}: ${key} is given twice; remove one`);
    given[key] = value;
  }
  return given;
}

/** What stands before the first `=` and after it; `form` is what the help calls them. Throws UsageError. */
export function pairOf(option: string, text: string, form: string): readonly [name: string, value: string] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new UsageError(`--${option}: ${JSON.stringify(text)} is no ${form}`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

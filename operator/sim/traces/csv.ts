/** Comma-separated lines with a header, as RFC 4180 has them, except that a value may not span lines. */
import { quote, TraceError } from './error.ts';
import type { Cell } from './values.ts';

/** The values of one line. Throws where a quote is not closed. */
export function splitCsv(text: string, line: number): string[] {
  if (!text.includes('"')) return text.split(',').map((value) => value.trim());
  const values: string[] = [];
  const value = /\s*(?:"((?:[^"]|"")*)"\s*|([^,"]*))(,|$)/y;
  for (;;) {
    const match = value.exec(text);
    if (!match) throw new TraceError('a quoted value is not closed; write "" for a quote in a value', { line });
    values.push(match[1]?.replaceAll('""', '"') ?? (match[2] as string).trim());
    if (match[3] === '') return values;
  }
}

/** One line of values under a header. */
export class CsvRow {
  readonly #columns: ReadonlyMap<string, number>;
  readonly #values: readonly string[];
  readonly #line: number;

  constructor(columns: ReadonlyMap<string, number>, values: readonly string[], line: number) {
    this.#columns = columns;
    this.#values = values;
    this.#line = line;
  }

  /** Value of a column; empty where the header has no such column. */
  text(column: string): string {
    return this.#values[this.#columns.get(column) ?? -1] ?? '';
  }

  cell(column: string): Cell {
    return { line: this.#line, field: column };
  }

  /** Value of a column that must not be empty. */
  name(column: string): string {
    const text = this.text(column);
    if (text === '') throw new TraceError('is empty; give every job one', this.cell(column));
    return text;
  }
}

/**
 * A reader of rows: the first line is the header and must have the `required` columns, in any order and among others.
 * Gives undefined for the header itself and for blank lines.
 */
export function csvReader(required: readonly string[]): (text: string, line: number) => CsvRow | undefined {
  let columns: Map<string, number> | undefined;
  return (text, line) => {
    if (text.trim() === '') return undefined;
    const values = splitCsv(text, line);
    if (columns === undefined) {
      columns = headerOf(values, required, line);
      return undefined;
    }
    if (values.length !== columns.size) {
      const problem = `${values.length} values under ${columns.size} column names; complete or remove the record`;
      throw new TraceError(problem, { line });
    }
    return new CsvRow(columns, values, line);
  };
}

function headerOf(names: readonly string[], required: readonly string[], line: number): Map<string, number> {
  const columns = new Map(names.map((name, index) => [name, index]));
  const missing = required.filter((name) => !columns.has(name));
  if (missing.length > 0) {
    throw new TraceError(`missing columns ${missing.join(', ')}; needed are ${required.join(', ')}`, { line });
  }
  if (columns.size < names.length) {
    const twice = names.find((name, index) => columns.get(name) !== index) ?? '';
    throw new TraceError(`two columns are called ${quote(twice)}; rename one`, { line });
  }
  return columns;
}

/** The table of known numbers: one line for each figure of each row. */
import { type Expected, nameOf, type OracleRow, type Sheet } from './row.ts';

export type Line = {
  readonly row: OracleRow;
  readonly figure: string;
  readonly ours: number;
  readonly expected: Expected;
  readonly ok: boolean;
};

/** Compares all that `row` expects. A figure that was not measured is not ok. */
export function checked(row: OracleRow, ours: Sheet<number>): readonly Line[] {
  return Object.entries(row.expected).map(([figure, expected]) => {
    const value = ours[figure] ?? Number.NaN;
    return { row, figure, ours: value, expected, ok: value >= expected.low && value <= expected.high };
  });
}

const WIDTHS = [56, 14, 16, 14, 12] as const;

const cells = (...values: readonly string[]): string =>
  values.map((value, i) => (i === 0 ? value.padEnd(WIDTHS[0]) : value.padStart(WIDTHS[i] ?? 0))).join(' ');

/** Seven digits tell what a tolerance of half a percent needs, and show a fourth digit that differs. */
const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toPrecision(7));

export const HEADER = `${cells('row', 'figure', 'ours', 'expected', 'deviation')}  ok`;

export function text({ row, figure, ours, expected, ok }: Line): string {
  const deviation = `${(100 * (ours / expected.value - 1)).toFixed(3)} %`;
  return `${cells(nameOf(row), figure, number(ours), String(Number(expected.value.toPrecision(9))), deviation)}  ${ok ? 'ok' : 'OUTSIDE'}`;
}

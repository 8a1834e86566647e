/** What is learned from and what is tested: never the same program, or never the same accelerator. */
import type { Measured } from './zeus.ts';

export type Fold = { readonly name: string; readonly train: readonly Measured[]; readonly test: readonly Measured[] };

const leaveOut = (rows: readonly Measured[], keyOf: (row: Measured) => string): readonly Fold[] =>
  [...new Set(rows.map(keyOf))].map((name) => ({
    name,
    train: rows.filter((row) => keyOf(row) !== name),
    test: rows.filter((row) => keyOf(row) === name),
  }));

export const unseenPrograms = (rows: readonly Measured[]): readonly Fold[] => leaveOut(rows, ({ program }) => program);

export const unseenAccelerators = (rows: readonly Measured[]): readonly Fold[] =>
  leaveOut(rows, ({ device }) => device.name);

/** Neither the program on any accelerator, nor the accelerator with any program. */
export const unseenBoth = (rows: readonly Measured[]): readonly Fold[] =>
  unseenAccelerators(rows).flatMap(({ name, train, test }) =>
    unseenPrograms(test).map(({ name: program, test: own }) => ({
      name: `${program} on ${name}`,
      train: train.filter((row) => row.program !== program),
      test: own,
    })),
  );

/** The program and the accelerator are known, this size of it on this accelerator is not; in eight folds. */
export function unseenConfigurations(rows: readonly Measured[]): readonly Fold[] {
  const keyOf = ({ configuration, device }: Measured) => `${configuration} on ${device.name}`;
  const folds = new Map([...new Set(rows.map(keyOf))].sort().map((key, i) => [key, `fold ${i % 8}`]));
  return leaveOut(rows, (row) => folds.get(keyOf(row)) as string);
}

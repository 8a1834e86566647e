type Optional<T> = { [K in keyof T]: undefined extends T[K] ? K : null extends T[K] ? K : never }[keyof T];

/** `T` without null and undefined: what may be either is an optional member. */
export type Known<T> = { [K in Exclude<keyof T, Optional<T>>]: T[K] } & {
  [K in Optional<T>]?: NonNullable<T[K]>;
};

/** Leaves out every member that is null or undefined: what is not known is absent, never null and never 0. */
export function known<T extends object>(values: T): Known<T> {
  return Object.fromEntries(Object.entries(values).filter(([, v]) => v !== null && v !== undefined)) as Known<T>;
}

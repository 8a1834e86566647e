/**
 * Order of two resourceVersions of one resource type (KEP-5504): decimal integers of up to 128 bits, so length first, then
 * text. Negative if `a` is older. Never compare across types.
 */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** The newer of the two; `undefined` is older than any. */
export function newestVersion(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareVersions(a, b) < 0 ? b : a;
}

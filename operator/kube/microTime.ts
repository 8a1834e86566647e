/**
 * A `metav1.MicroTime`. The server parses it with exactly six digits of a second, where a JavaScript date prints three.
 * `epoch`: milliseconds.
 */
export function microTime(epoch: number): string {
  return new Date(epoch).toISOString().replace('Z', '000Z');
}

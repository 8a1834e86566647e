/** What the user gave cannot be reported on or compared; the message is one line that says why and what to do. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Member 0's account of its end: cx-launch's termination message (docs/launch-protocol.md, "Outcome"), as kubelets pass it on. */

export type How = 'completed' | 'crashed' | 'stopped';

const CODES = { completed: 0, crashed: 1, stopped: 143 } as const;

export const exitCodeOf = (how: How): number => CODES[how];

/** `startedAt` and `endedAt` of the program, seconds on the trace's clock. */
export function accountOf(how: How, startedAt: number, endedAt: number): string {
  const common = { cx: 1, member: 0, started: true, startedAt, endedAt };
  switch (how) {
    case 'completed':
      return JSON.stringify({ ...common, outcome: 'succeeded', cause: 'Completed' });
    case 'crashed':
      return JSON.stringify({ ...common, outcome: 'failed', cause: 'ProgramFailed', code: 1, failedMember: 0 });
    case 'stopped':
      return JSON.stringify({ ...common, outcome: 'stopped', cause: 'Stopped' });
  }
}

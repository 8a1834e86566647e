import { expect } from 'vitest';
import { TraceError } from '../../../operator/sim/traces/error.ts';

/** The message with which `act` refuses: always a TraceError, always one line. */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    const { message } = error as TraceError;
    expect(message).not.toMatch(/[\r\n]/);
    return message;
  }
  throw new Error('was not refused');
}

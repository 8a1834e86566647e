/** Bounds of an attempt's phases where nobody sets others. */
import type { Settings } from './types.ts';

export const DEFAULT_SETTINGS: Settings = {
  barrierSeconds: 60,
  unscheduledSeconds: 60,
  readySeconds: 300,
  avoidSeconds: 120,
};

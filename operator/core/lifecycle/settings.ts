/** Bounds of an attempt's phases where nobody sets others. */
import type { Settings } from './types.ts';

export const DEFAULT_SETTINGS: Settings = {
  barrierSeconds: 60,
  unscheduledSeconds: 60,
  readySeconds: 300,
  avoidSeconds: 120,
};

/** Pods a second that are written and bound even by a control plane that is small and has much to do. */
const PACE = 10;

/** `settings` for a gang of `members`: a wide one is not given up for being wide. */
export function paced(settings: Settings, members: number): Settings {
  const more = Math.floor(members / PACE);
  return {
    ...settings,
    barrierSeconds: settings.barrierSeconds + more,
    unscheduledSeconds: settings.unscheduledSeconds + more,
    readySeconds: settings.readySeconds + more,
  };
}

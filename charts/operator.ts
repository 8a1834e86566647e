/** What the operator does when it is told nothing: the chart's defaults are its own. */
import { readConfig } from '../operator/config.ts';

/** What no default can know stands in for itself. */
export const OPERATOR = readConfig({
  COXSWAIN_NAMESPACE: 'namespace',
  COXSWAIN_HOLDER: 'holder',
  COXSWAIN_LAUNCHER_IMAGE: 'image',
});

export const METRICS_PORT = OPERATOR.metrics.port;
export const HEALTH_PORT = OPERATOR.health.port;

/** `npm run native`: builds TensorFlow's native backend into the cache and prints where the operator finds it. */
import { buildNativeBackend } from './local/nativeBackend.ts';
import { detail } from './local/progress.ts';

try {
  const folder = await buildNativeBackend(detail);
  process.stdout.write(`COXSWAIN_PREDICTOR_NATIVE=${folder}\n`);
} catch (error) {
  process.stderr.write(`native backend: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

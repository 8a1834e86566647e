import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';
import { activate } from './activate.ts';
import type { Tf } from './backend.ts';

const PACKAGE = '@tensorflow/tfjs-node';

/**
 * TensorFlow's C++ library through @tensorflow/tfjs-node, which is not among our packages: `npm run native` builds it.
 * @param folder whose `node_modules` hold it; absent: where Node finds it from here
 */
export async function loadNative(folder: string | undefined): Promise<Tf> {
  restoreUtil();
  // Its start-up lines on stderr are no news; errors stay.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  const require = createRequire(folder === undefined ? import.meta.url : join(folder, 'package.json'));
  return await activate(load(require), 'tensorflow');
}

function load(require: NodeJS.Require): Tf {
  try {
    return require(PACKAGE) as Tf;
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Error(`${PACKAGE} does not load (${reason}); build it with: npm run native`, { cause: error });
  }
}

/** Node 23 took away two functions of `util` that tfjs-node calls (its issue 8609, corrected and never released). */
function restoreUtil(): void {
  const old = util as unknown as {
    isNullOrUndefined?: (value: unknown) => boolean;
    isArray?: (value: unknown) => boolean;
  };
  old.isNullOrUndefined ??= (value) => value === null || value === undefined;
  old.isArray ??= Array.isArray;
}

import { type BackendName, type BackendOptions, openBackend } from '../../../predictors/backend/backend.ts';
import { builtNativeBackend, nativeBackendSupported } from '../../../scripts/local/nativeBackend.ts';

const native = builtNativeBackend();

/** Options of every backend that is here. In CI the native one must be, where it can be: there it fails rather than be left out. */
export const available: readonly (BackendOptions & { readonly prefer: BackendName })[] = [
  { prefer: 'wasm' },
  { prefer: 'cpu' },
  ...(native === undefined ? [] : [{ prefer: 'native', native } as const]),
  ...(native === undefined && process.env['CI'] && nativeBackendSupported ? [{ prefer: 'native' } as const] : []),
];

/** The one whose answers the others are held against. */
export const wasm = await openBackend({ prefer: 'wasm' });

/** Has it compute again, after others in the same process. */
export async function backToWasm(): Promise<void> {
  await openBackend({ prefer: 'wasm' });
}

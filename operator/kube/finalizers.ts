import type { CallOptions, Client, JsonPatchOperation } from './client.ts';
import { ConflictError, InvalidError } from './errors.ts';
import type { Resource } from './resource.ts';
import type { KubeObject } from './types.ts';

/**
 * Adds `finalizer` to `object` as it was read. Answers the object as it is now; unchanged if it was there already.
 * @throws ConflictError when the object has changed since it was read.
 */
export function addFinalizer<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  finalizer: string,
  options: CallOptions = {},
): Promise<T> {
  const present = object.metadata.finalizers ?? [];
  if (present.includes(finalizer)) return Promise.resolve(object);
  // A list that is absent cannot be appended to.
  const add: JsonPatchOperation =
    present.length === 0
      ? { op: 'add', path: '/metadata/finalizers', value: [finalizer] }
      : { op: 'add', path: '/metadata/finalizers/-', value: finalizer };
  return strictPatch(client, resource, object, add, options);
}

/**
 * Removes `finalizer` from `object` as it was read; the last one removed lets a deleted object go.
 * @throws ConflictError when the object has changed since it was read; NotFoundError when it is gone.
 */
export function removeFinalizer<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  finalizer: string,
  options: CallOptions = {},
): Promise<T> {
  const at = (object.metadata.finalizers ?? []).indexOf(finalizer);
  if (at < 0) return Promise.resolve(object);
  return strictPatch(client, resource, object, { op: 'remove', path: `/metadata/finalizers/${at}` }, options);
}

/** The position in the list holds only for the version that was read, so the patch tests it. */
async function strictPatch<T extends KubeObject>(
  client: Client,
  resource: Resource<T>,
  object: T,
  change: JsonPatchOperation,
  options: CallOptions,
): Promise<T> {
  const { resourceVersion, name, namespace } = object.metadata;
  const test: JsonPatchOperation = { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion };
  try {
    return await client.jsonPatch(resource, { name, namespace }, [test, change], options);
  } catch (error) {
    // The server says 422 for a failed test as for a bad finalizer name; only the former names no field.
    if (error instanceof InvalidError && error.causes.length === 0) {
      throw new ConflictError(
        error.call,
        409,
        { message: `changed since ${resourceVersion}: ${error.message}` },
        { cause: error },
      );
    }
    throw error;
  }
}

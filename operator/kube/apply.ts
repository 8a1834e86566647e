import type { Client, WriteOptions } from './client.ts';
import { ConflictError } from './errors.ts';
import type { Resource } from './resource.ts';
import type { AppliedObject, KubeObject } from './types.ts';

/** A field that another manager owns. */
export type FieldConflict = { field: string; manager: string };

export type ApplierOptions = Omit<WriteOptions, 'fieldManager' | 'subresource'> & {
  /** Default true: a controller is the one owner of its fields. With false a foreign owner makes a ConflictError. */
  force?: boolean;
};

/**
 * Server-side apply under one field manager: one Applier per concern, because what a manager no longer states is removed.
 * With `metadata.resourceVersion` in the object an apply fails with ConflictError when the object has changed since.
 */
export class Applier {
  readonly #client: Client;
  readonly #fieldManager: string;

  constructor(client: Client, fieldManager: string) {
    this.#client = client;
    this.#fieldManager = fieldManager;
  }

  /** `object` states all fields of this concern, and only those. */
  apply<T extends KubeObject>(resource: Resource<T>, object: AppliedObject, options: ApplierOptions = {}): Promise<T> {
    return this.#client.apply(resource, object, { force: true, ...options, fieldManager: this.#fieldManager });
  }

  /** The same for the `/status` subresource; `object` is `{metadata, status}`. */
  applyStatus<T extends KubeObject>(
    resource: Resource<T>,
    object: AppliedObject,
    options: ApplierOptions = {},
  ): Promise<T> {
    return this.#client.apply(resource, object, {
      force: true,
      ...options,
      fieldManager: this.#fieldManager,
      subresource: 'status',
    });
  }
}

/** Which fields belong to whom, from the error of an apply without force; empty for any other error. */
export function fieldConflicts(error: unknown): FieldConflict[] {
  if (!(error instanceof ConflictError)) return [];
  return error.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({ field, manager: /"([^"]*)"/.exec(message)?.[1] ?? message }));
}

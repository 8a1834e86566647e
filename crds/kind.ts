/** A kind of the API: everything the CRD, the reference page and the offline validation are generated from. */
import type { z } from 'zod';
import type { Rule } from './rule.ts';

export const GROUP = 'coxswain.dev';
export const VERSION = 'v1alpha1';

export type PrinterColumn = {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly jsonPath: string;
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority?: 0 | 1;
};

export type Kind<Spec extends z.ZodType = z.ZodType, Status extends z.ZodType = z.ZodType> = {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly spec: Spec;
  readonly status: Status;
  readonly columns: readonly PrinterColumn[];
  /** Rules over the whole object (`self.spec`, `self.status`, `oldSelf`). */
  readonly rules: readonly Rule<{ metadata: { name: string }; spec: z.infer<Spec> }>[];
  readonly selectableFields: readonly string[];
  /** Top-level fields of the spec that may change after creation. `all`: every one. */
  readonly mutable: readonly string[] | 'all';
  /** Longest object name that leaves room for the names made from it. */
  readonly maxName: number;
};

type ObjectMeta = {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
};

/** An object of a kind as it lies in the cluster. */
export type Resource<Spec, Status> = {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  spec: Spec;
  status?: Status;
};

/** The ways in which the pods of a gang are bound to their nodes. */
import { z } from 'zod';

export const way = () => z.enum(['pinned', 'gate', 'podGroup']);

/** For the descriptions of fields. */
export const WAYS =
  'pinned: to their nodes from the beginning; gate: held back until all of them exist; podGroup: by kube-scheduler, all or none.';
